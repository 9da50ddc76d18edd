// SPDX-License-Identifier: Apache-2.0
// Control: the control file, read again whenever it has changed, so that tests and demos can change
// what happens while the driver runs. Any thread.
#pragma once

#include <memory>
#include <string>

#include "base/guarded.h"
#include "orders.h"

namespace nubo::dummy {

class Control {
 public:
  /// No file when the path is empty.
  explicit Control(std::string path);

  /// What the file says now. A file that is not there or cannot be understood says nothing; the
  /// latter is logged. The pointer is the same as long as the file is.
  std::shared_ptr<const ControlLines> lines();

 private:
  struct Read {
    std::string stamp;  // tells one version of the file from another
    std::shared_ptr<const ControlLines> lines = std::make_shared<ControlLines>();
  };

  const std::string path_;
  Guarded<Read> read_;
};

}  // namespace nubo::dummy
