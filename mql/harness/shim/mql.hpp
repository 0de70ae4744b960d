// Included before every translated program.
#pragma once
#include "builtins.hpp"
#ifdef __MQL4__
#include "imports.hpp"
using namespace MqlImports;
#endif
