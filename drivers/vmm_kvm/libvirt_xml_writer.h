// SPDX-License-Identifier: Apache-2.0
// DomainWriter: appends the elements of libvirt's domain XML to one string: attributes in single
// quotes, one element a line, indented. Attributes with an empty value are left out, because that
// is what an absent template attribute means everywhere in the file.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace nubo::kvm {

class DomainWriter {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, std::string_view>>;
  using AttributeMap = std::map<std::string, std::string>;

  void open(std::string_view name, Attributes attributes = {});
  /// Closes the element that was opened last.
  void close();
  void empty(std::string_view name, Attributes attributes = {});
  /// As empty(), with attributes that are known at run time only.
  void empty(std::string_view name, const AttributeMap& attributes);
  void text(std::string_view name, std::string_view value, Attributes attributes = {});
  /// XML that an administrator wrote (RAW, HYPERV_OPTIONS …): as it is, on lines of its own.
  void raw(std::string_view xml);

  std::string take() { return std::move(out_); }

 private:
  void start(std::string_view name, Attributes attributes);
  void attribute(std::string_view name, std::string_view value);

  std::string out_;
  std::vector<std::string> open_;
};

}  // namespace nubo::kvm
