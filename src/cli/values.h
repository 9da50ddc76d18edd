// SPDX-License-Identifier: Apache-2.0
// How single values are shown (sheet cli.md §1.7): times, durations, sizes, rights, states. Pure,
// but for the local time zone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "text/xml_reader.h"

namespace nubo::cli {

/// "11/14 22:13:20" in local time, "-" for 0.
std::string time_text(long long epoch);
/// "11/14 22:13".
std::string short_time_text(long long epoch);
/// Local time in a form of strftime.
std::string format_time(long long epoch, const char* format);
/// "  1d 01h01", "  1d 01h01m", "  1d 01h01m05s".
std::string duration_text(long long seconds, std::string_view last_unit);
/// "  0h00m02s"
std::string short_duration_text(long long seconds);

/// `value` counted in unit 'K', 'M' or 'G', in the largest unit it exceeds: "2G", "1024M", "9.5G".
std::string size_text(double value, char unit);
/// A double as Ruby shows it: "1.0", "12.5".
std::string decimal_text(double value);

/// "None", "Use", … of LOCK/LOCKED.
std::string lock_text(const XmlNode& object);
/// "um-" of the three rights of one class: "OWNER", "GROUP" or "OTHER".
std::string rights_text(const XmlNode& permissions, std::string_view who);
std::string yes_no(bool yes);

long long number(const XmlNode& node, std::string_view child);
double decimal(const XmlNode& node, std::string_view child);
/// The element at "A/B/C" below `node`.
XmlNode at(XmlNode node, std::string_view path);
/// Its text.
std::string get(const XmlNode& node, std::string_view path);
/// The texts of <ID> below the element, joined with commas.
std::string id_list(const XmlNode& element);
std::vector<std::string> ids(const XmlNode& element);

std::string join(const std::vector<std::string>& parts, std::string_view separator);
std::vector<std::string> split(std::string_view text, char separator);
std::string upper(std::string_view text);
std::string strip(std::string_view text);
/// As a value in template text: in double quotes, with those inside escaped.
std::string quoted(std::string_view value);

/// The short state of a list ("runn") and the long ones of `show`.
std::string vm_short_state(const XmlNode& vm);
std::string vm_state_name(long long state);
std::string lcm_state_name(long long state);
std::string image_type(long long type);
std::string image_short_type(long long type);
std::string image_state(long long state);
std::string history_action(long long action);

/// The child elements as template text (sheet cli.md §3.4): NAME="value" and NAME=[ … ] with a line
/// feed behind each but the last.
std::string template_text(const XmlNode& element);
/// The same without the attributes that `skip` names.
std::string template_text(const XmlNode& element, const std::vector<std::string_view>& skip);

}  // namespace nubo::cli
