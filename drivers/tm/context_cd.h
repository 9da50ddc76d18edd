// SPDX-License-Identifier: Apache-2.0
// ContextCd: the CD that a guest reads its context from: an ISO 9660 image of volume id CONTEXT
// with context.sh and further files in its top directory (sheet drivers.md §8.5). Made on the
// front-end in a directory of its own that goes with the object.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "ssh/front_end.h"
#include "ssh/nodes.h"

namespace nubo::tm {

class ContextCd {
 public:
  /// Of the files of the front-end it takes those that `rules` allow; they outlive it.
  static Result<ContextCd> start(ssh::Nodes& nodes, const ssh::FileRules& rules,
                                 const driver::Context& context);
  ContextCd(ContextCd&& other) noexcept;
  ContextCd& operator=(ContextCd&&) = delete;
  ~ContextCd();

  Status add_text(std::string_view text, const std::string& name);
  /// A file of the front-end, or an http(s) address.
  Status add_file(const std::string& source, const std::string& name);
  /// A list `source source:'name' …`; without a name the source's own is taken.
  Status add_files(std::string_view list);
  /// Makes the image of what was added and tells its path.
  Result<std::string> burn();

 private:
  ContextCd(ssh::Nodes& nodes, const ssh::FileRules& rules, const driver::Context& context,
            std::string directory)
      : nodes_(nodes), rules_(rules), context_(context), directory_(std::move(directory)) {}

  ssh::Nodes& nodes_;
  const ssh::FileRules& rules_;
  const driver::Context& context_;
  std::string directory_;
};

}  // namespace nubo::tm
