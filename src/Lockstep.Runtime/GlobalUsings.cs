// Inside the namespace Lockstep the word Engine means the room; the class in it is called by its role here.
global using Heart = Lockstep.Engine.Engine;
