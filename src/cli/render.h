// SPDX-License-Identifier: Apache-2.0
// The documents of the API as -x, -j and -y show them (sheet cli.md §1.6). Pure.
#pragma once

#include <string>

#include "cli/options.h"
#include "text/xml_reader.h"

namespace nubo::cli {

/// Two blanks per level, <X/> for what is empty, CDATA sections kept, a line feed at the end.
std::string xml_text(const XmlNode& root);
/// {"ROOT": …}: repeated elements become arrays, empty ones {}.
std::string json_text(const XmlNode& root);
/// The same hash as YAML.
std::string yaml_text(const XmlNode& root);

/// In the format that the options ask for; nothing when they ask for none.
std::optional<std::string> formatted(const Options& options, const XmlNode& root);

}  // namespace nubo::cli
