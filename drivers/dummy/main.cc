// SPDX-License-Identifier: Apache-2.0
#include "dummy.h"
#include "nubo/driver/program.h"

int main() {
  nubo::driver::Program program({.name = "dummy"});
  const nubo::dummy::Dummy dummy(program);
  return program.run();
}
