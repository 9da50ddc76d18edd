// SPDX-License-Identifier: Apache-2.0
// Orders: what the dummy driver is told to do with the requests for an object, as attributes with
// names DUMMY_… (README.md has their grammar). They come in layers: the control file, the documents
// of the request, the driver's settings; the first layer that says something about an action
// counts. Pure.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "nubo/driver/message.h"

namespace nubo::dummy {

using driver::Values;

/// What becomes of one request.
struct Order {
  Milliseconds delay{0};
  std::optional<std::string> failure;  // it fails with this text …
  std::optional<int> failure_times;    // … so often, then no more
  bool hang = false;                   // no answer until it is stopped
  bool die = false;                    // the program ends
  Values answer;                       // replaces values of the answer

  bool operator==(const Order&) const = default;
};

/// The order for an action from layers of attributes, the first ones winning.
Order order_for(std::string_view action, std::span<const Values> layers);

/// The DUMMY_ attributes in the templates of a document (VM, HOST, IMAGE, DATASTORE); none when it
/// is no XML.
Values orders_of_document(std::string_view xml);

/// The lines of a control file by "KIND NAME", such as "vm 12" or "node *".
using ControlLines = std::map<std::string, Values, std::less<>>;

/// Lines "KIND NAME ATTRIBUTE=VALUE"; blank lines and those that begin with # are skipped.
/// Code::internal naming the first line that is neither.
Result<ControlLines> parse_control(std::string_view text);

}  // namespace nubo::dummy
