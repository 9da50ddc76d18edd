// SPDX-License-Identifier: Apache-2.0
// Samples of test/data, documents and files that oned 7.4.0 made, and snapshots by hand.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "model/snapshot.h"

namespace nubo {

inline std::string sample_text(const std::string& path) {
  std::ifstream file(std::string(NUBO_TEST_DATA "/") + path);
  EXPECT_TRUE(file) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The VM of deployment/<name>.vm.xml.
inline Vm sample_vm(const std::string& name) {
  Vm vm;
  const auto document = XmlDocument::parse(sample_text("deployment/" + name + ".vm.xml"));
  EXPECT_TRUE(document) << name;
  if (document) read_fields(document->root(), vm);
  return vm;
}

/// Puts an object into a snapshot, as the store would.
template <class T>
void put(Snapshot& world, T object) {
  if (const auto scope = name_scope(object)) {
    world.names().put(T::type, *scope, object.name, object.id.value);
  }
  world.pool<T>().put(entry_of(std::move(object)));
}

}  // namespace nubo
