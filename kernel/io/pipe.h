#pragma once
#include "base/owned.h"
class Pipe : public RefCounted {};
