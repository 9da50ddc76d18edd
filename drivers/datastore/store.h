// SPDX-License-Identifier: Apache-2.0
// Store: the datastores of files (`fs`), the only kind that is built in. Images are files right in
// the datastore's directory, on the front-end or on a node of its BRIDGE_LIST. One thread; for one
// request.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "datastore/documents.h"
#include "nubo/driver/message.h"
#include "ssh/batch.h"
#include "ssh/nodes.h"

namespace nubo::datastore {

class Store {
 public:
  struct Parts {
    ssh::Nodes& nodes;
    const driver::Context& context;
    const std::vector<std::string>& always_restricted;  // directories that no image comes from
  };

  Store(const Parts& parts, DatastoreFacts datastore, ImageFacts image);

  /// The actions of docs/driver-protocol.md; each may be repeated and leaves nothing half-done.
  Result<driver::Values> copy();
  Result<driver::Values> make();
  Result<driver::Values> clone();
  Result<driver::Values> remove();
  Result<driver::Values> stat();
  Result<driver::Values> monitor();

 private:
  struct Described {
    std::string format;
    long virtual_size = 0;
  };

  Result<driver::Values> build(const std::string& source,
                               Status (Store::*fill)(const std::string&));
  Status fill_from_path(const std::string& source);
  Status fill_empty(const std::string& source);
  Status fill_from_image(const std::string& source);
  Status fetch(const std::string& source);
  Status convert(const std::string& source);
  Result<Described> describe(const std::string& file);
  std::string place_of(std::string_view purpose) const;

  Parts parts_;
  DatastoreFacts datastore_;
  ImageFacts image_;
  std::string node_;  // where the datastore's files are written
  ssh::Batch batch_;
};

}  // namespace nubo::datastore
