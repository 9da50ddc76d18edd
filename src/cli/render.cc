// SPDX-License-Identifier: Apache-2.0
#include "cli/render.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "cli/values.h"
#include "text/xml_writer.h"

namespace nubo::cli {
namespace {

// Elements that stay a list when there is one of them: parent and name ("*": the pools' own).
struct Repeated {
  std::string_view parent;
  std::string_view name;
};

constexpr std::array repeated{
    Repeated{"TEMPLATE", "DISK"},   Repeated{"TEMPLATE", "NIC"},
    Repeated{"TEMPLATE", "RULE"},   Repeated{"TEMPLATE", "SCHED_ACTION"},
    Repeated{"DATASTORES", "DS"},   Repeated{"NUMA_NODES", "NODE"},
    Repeated{"NODE", "CORE"},       Repeated{"NODE", "HUGEPAGE"},
    Repeated{"PCI_DEVICES", "PCI"},
};

bool always_list(std::string_view root, std::string_view parent, std::string_view name) {
  if (parent == root && parent.size() == name.size() + 5 && parent.starts_with(name) &&
      parent.ends_with("_POOL")) {
    return true;
  }
  if (root == "VM" && parent == "VM" && name == "SNAPSHOTS") return true;
  // Machine templates keep theirs as they were given; only documents with a schema are lists.
  constexpr std::array without_schema{"VMTEMPLATE", "VMTEMPLATE_POOL", "VROUTER", "VROUTER_POOL",
                                      "HISTORY_RECORDS"};
  const bool has_schema = std::ranges::find(without_schema, root) == without_schema.end();
  return has_schema && std::ranges::any_of(repeated, [&](const Repeated& one) {
           return one.parent == parent && one.name == name;
         });
}

// The children of an element by name, in the order of their first appearance.
struct Group {
  std::string name;
  std::vector<XmlNode> nodes;
  bool list = false;
};

std::vector<Group> grouped(std::string_view root, const XmlNode& element) {
  std::vector<Group> groups;
  for (const XmlNode& child : element.children()) {
    const auto same = std::ranges::find(groups, child.name(), &Group::name);
    if (same != groups.end()) {
      same->nodes.push_back(child);
    } else {
      groups.push_back({std::string(child.name()), {child}, false});
    }
  }
  for (Group& group : groups) {
    group.list = group.nodes.size() > 1 || always_list(root, element.name(), group.name);
  }
  return groups;
}

bool is_empty(const XmlNode& node) {
  return !node.has_children() && !node.has_cdata() && node.text().empty();
}

std::string json_string(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\r':
        text += "\\r";
        break;
      case '\t':
        text += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          text += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          text += c;
        }
    }
  }
  return text + '"';
}

class JsonWriter {
 public:
  explicit JsonWriter(std::string_view root) : root_(root) {}

  void value(const XmlNode& node, int depth) {
    if (!node.has_children()) {
      out += is_empty(node) ? fmt::format("{{\n{}}}", indent(depth)) : json_string(node.text());
      return;
    }
    out += "{\n";
    const std::vector<Group> groups = grouped(root_, node);
    for (const Group& group : groups) {
      out += fmt::format("{}{}: ", indent(depth + 1), json_string(group.name));
      if (group.list) {
        list(group.nodes, depth + 1);
      } else {
        value(group.nodes.front(), depth + 1);
      }
      out += &group == &groups.back() ? "\n" : ",\n";
    }
    out += indent(depth) + "}";
  }

  std::string out;

 private:
  void list(const std::vector<XmlNode>& nodes, int depth) {
    out += "[\n";
    for (const XmlNode& node : nodes) {
      out += indent(depth + 1);
      value(node, depth + 1);
      out += &node == &nodes.back() ? "\n" : ",\n";
    }
    out += indent(depth) + "]";
  }

  static std::string indent(int depth) {
    return std::string(static_cast<std::size_t>(depth) * 2, ' ');
  }

  std::string_view root_;
};

// What YAML 1.1 would read as a number, boolean, null or date needs quotes to stay text.
// Numbers to the base of 60, as YAML 1.1 reads 02:00 and 02:00.0.
bool base_sixty(std::string_view digits) {
  std::size_t groups = 0;
  std::string_view rest = digits.substr(0, digits.find('.'));
  for (std::size_t colon = rest.find(':'); colon != rest.npos; colon = rest.find(':')) {
    rest.remove_prefix(colon + 1);
    const std::size_t length = std::min(rest.find(':'), rest.size());
    if (length == 0 || length > 2) return false;
    ++groups;
  }
  const bool fraction = digits.find('.') != digits.npos;
  return groups > 0 && (fraction || groups <= 2) &&
         digits.find_first_not_of("0123456789:._") == digits.npos;
}

bool reads_as_other_type(std::string_view text) {
  static constexpr std::array words{"y",   "n",    "yes", "no",   "true",  "false", "on",
                                    "off", "null", "~",   ".inf", "-.inf", ".nan",  "="};
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (std::ranges::find(words, lower) != words.end()) return true;
  const bool date = lower.size() == 10 && lower[4] == '-' && lower[7] == '-';
  const std::string_view digits =
      std::string_view(lower).substr(lower.starts_with('-') || lower.starts_with('+') ? 1 : 0);
  if (digits.empty() || !std::isdigit(static_cast<unsigned char>(digits[0]))) {
    return digits.size() > 1 && digits[0] == '.' &&
           std::isdigit(static_cast<unsigned char>(digits[1]));
  }
  if (digits.starts_with("0x"))
    return digits.find_first_not_of("0123456789abcdef_", 2) == digits.npos;
  if (date && digits.find_first_not_of("0123456789-") == digits.npos) return true;
  if (base_sixty(digits)) return true;
  // Whole numbers with their digit groups, and numbers with a point.
  if (digits.find_first_not_of("0123456789,_") == digits.npos) return true;
  return digits.find('.') != digits.npos && parse_number<double>(digits).has_value();
}

bool needs_quotes(std::string_view text) {
  if (text.front() == ' ' || text.back() == ' ' || text.back() == ':') return true;
  if (std::string_view("!&*%@`'\"#,[]{}|>").find(text.front()) != std::string_view::npos)
    return true;
  if (std::string_view("-?:").find(text.front()) != std::string_view::npos &&
      (text.size() == 1 || text[1] == ' ')) {
    return true;
  }
  if (text == "-" || text.starts_with("---") || text.starts_with("...")) return true;
  return text.find(": ") != text.npos || text.find(" #") != text.npos;
}

std::string single_quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c;
    if (c == '\'') quoted += c;
  }
  return quoted + "'";
}

std::string double_quoted(std::string_view text) { return json_string(text); }

// As the emitter of OpenNebula's tools chooses: words that start with a sign in double quotes, what
// would be read as another type or as structure in single ones.
std::string yaml_scalar(const std::string& text, const std::string& indent) {
  if (text.empty()) return "''";
  if (text.find('\n') != text.npos) {
    std::string block = text.back() == '\n' ? (text.ends_with("\n\n") ? "|+" : "|") : "|-";
    std::string body = text;
    if (body.back() == '\n') body.pop_back();
    for (const std::string& part : split(body, '\n'))
      block += part.empty() ? "\n" : "\n" + indent + part;
    return block;
  }
  if (text == "y" || text == "Y" || text == "n" || text == "N") return double_quoted(text);
  const auto first = static_cast<unsigned char>(text.front());
  const bool word = std::isalnum(first) || first == '_' || first >= 0x80;
  if (!word && text.find('"') == text.npos) return double_quoted(text);
  return reads_as_other_type(text) || needs_quotes(text) ? single_quoted(text) : text;
}

class YamlWriter {
 public:
  explicit YamlWriter(std::string_view root) : root_(root) {}

  void value(const XmlNode& node, const std::string& indent) {
    if (node.has_children()) return map(node, indent, true);
    if (is_empty(node)) {
      out += " {}\n";
      return;
    }
    out += ' ';
    folded(yaml_scalar(node.text(), indent), indent);
    out += '\n';
  }

  std::string out;

 private:
  // Long lines go on below, as the emitter of OpenNebula's tools breaks them: at the first single
  // blank behind column 80.
  void folded(const std::string& scalar, const std::string& indent) {
    if (scalar.find('\n') != scalar.npos) {
      out += scalar;
      return;
    }
    std::size_t column = out.size() - (out.rfind('\n') + 1);
    for (std::size_t i = 0; i < scalar.size(); ++i, ++column) {
      const bool single =
          i > 1 && i + 2 < scalar.size() && scalar[i - 1] != ' ' && scalar[i + 1] != ' ';
      if (scalar[i] == ' ' && single && column > 80) {
        out += "\n" + indent;
        column = indent.size() - 1;
      } else {
        out += scalar[i];
      }
    }
  }

  void map(const XmlNode& node, const std::string& indent, bool own_line) {
    bool first = !own_line;
    if (own_line) out += "\n";
    for (const Group& group : grouped(root_, node)) {
      out += (first ? "" : indent) + group.name + ":";
      first = false;
      if (group.list) {
        list(group.nodes, indent);
      } else {
        value(group.nodes.front(), indent + "  ");
      }
    }
  }

  void list(const std::vector<XmlNode>& nodes, const std::string& indent) {
    out += "\n";
    for (const XmlNode& node : nodes) {
      out += indent + "-";
      if (node.has_children()) {
        out += " ";
        map(node, indent + "  ", false);
      } else {
        value(node, indent + "  ");
      }
    }
  }

  std::string_view root_;
};

void write_xml(std::string& out, const XmlNode& node, std::size_t depth) {
  const std::string indent(depth * 2, ' ');
  XmlWriter writer(out);
  out += indent;
  if (node.has_children()) {
    writer.open(node.name());
    out += '\n';
    for (const XmlNode& child : node.children()) write_xml(out, child, depth + 1);
    out += indent;
    writer.close(node.name());
  } else if (node.has_cdata()) {
    writer.cdata(node.name(), node.text());
  } else if (is_empty(node)) {
    writer.empty(node.name());
  } else {
    writer.text(node.name(), node.text());
  }
  out += '\n';
}

}  // namespace

std::string xml_text(const XmlNode& root) {
  std::string out;
  write_xml(out, root, 0);
  return out;
}

std::string json_text(const XmlNode& root) {
  const std::string name(root.name());
  JsonWriter writer(name);
  writer.out = fmt::format("{{\n  {}: ", json_string(name));
  writer.value(root, 1);
  return writer.out + "\n}\n";
}

std::string yaml_text(const XmlNode& root) {
  const std::string name(root.name());
  YamlWriter writer(name);
  writer.out = fmt::format("---\n{}:", name);
  writer.value(root, "  ");
  return writer.out;
}

std::optional<std::string> formatted(const Options& options, const XmlNode& root) {
  if (options.has("xml")) return xml_text(root);
  if (options.has("json")) return json_text(root);
  if (options.has("yaml")) return yaml_text(root);
  return {};
}

}  // namespace nubo::cli
