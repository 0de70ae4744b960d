using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Lockstep.Architecture.Tests;

/// <summary>Reads a compiled assembly: what its members are made of, and what they refer to.</summary>
internal static class Compiled
{
    /// <summary>Types and members of other assemblies that are referred to: <c>System.IO.File</c>, <c>System.IO.File.Exists</c>.</summary>
    public static IEnumerable<string> References(MetadataReader reader)
    {
        foreach (var handle in reader.TypeReferences)
        {
            string type = Names.Shared.GetTypeFromReference(reader, handle, 0);
            // The type alone says nothing where single members are allowed: Environment stands in every iterator.
            if (type != "System.Environment")
            {
                yield return type;
            }
        }

        foreach (var handle in reader.MemberReferences)
        {
            var member = reader.GetMemberReference(handle);
            string? parent = member.Parent.Kind switch
            {
                HandleKind.TypeReference => Names.Shared.GetTypeFromReference(reader, (TypeReferenceHandle)member.Parent, 0),
                HandleKind.TypeSpecification => reader.GetTypeSpecification((TypeSpecificationHandle)member.Parent).DecodeSignature(Names.Shared, null),
                _ => null,
            };
            if (parent is not null)
            {
                yield return $"{parent}.{reader.GetString(member.Name)}";
            }
        }
    }

    /// <summary>The types of all fields, properties, parameters, results and locals.</summary>
    public static IEnumerable<(string Where, string Signature)> Signatures(PEReader file, MetadataReader reader)
    {
        foreach (var typeHandle in reader.TypeDefinitions)
        {
            var type = reader.GetTypeDefinition(typeHandle);
            string name = Names.Shared.GetTypeFromDefinition(reader, typeHandle, 0);
            foreach (var handle in type.GetFields())
            {
                var field = reader.GetFieldDefinition(handle);
                yield return ($"{name}.{reader.GetString(field.Name)}", field.DecodeSignature(Names.Shared, null));
            }

            foreach (var handle in type.GetMethods())
            {
                var method = reader.GetMethodDefinition(handle);
                string where = $"{name}.{reader.GetString(method.Name)}";
                var signature = method.DecodeSignature(Names.Shared, null);
                yield return (where, string.Join(", ", signature.ParameterTypes.Prepend(signature.ReturnType)));
                if (method.RelativeVirtualAddress != 0 && file.GetMethodBody(method.RelativeVirtualAddress) is { LocalSignature.IsNil: false } body)
                {
                    yield return (where, string.Join(", ", reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(Names.Shared, null)));
                }
            }
        }
    }

    /// <summary>Turns signatures into text.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public static readonly Names Shared = new();

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeDefinition(handle);
            string name = reader.GetString(type.Name);
            return type.GetDeclaringType() is { IsNil: false } outer ? $"{GetTypeFromDefinition(reader, outer, 0)}.{name}" : Join(reader.GetString(type.Namespace), name);
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            string name = reader.GetString(type.Name);
            return type.ResolutionScope.Kind == HandleKind.TypeReference
                ? $"{GetTypeFromReference(reader, (TypeReferenceHandle)type.ResolutionScope, 0)}.{name}"
                : Join(reader.GetString(type.Namespace), name);
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[,]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetGenericMethodParameter(object? genericContext, int index) => $"!!{index}";

        public string GetGenericTypeParameter(object? genericContext, int index) => $"!{index}";

        public string GetFunctionPointerType(MethodSignature<string> signature) => $"fn({string.Join(", ", signature.ParameterTypes.Prepend(signature.ReturnType))})";

        private static string Join(string space, string name) => space.Length == 0 ? name : $"{space}.{name}";
    }
}
