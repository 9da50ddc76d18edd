// SPDX-License-Identifier: Apache-2.0
#include "text/xml_writer.h"

#include "text/xml_reader.h"

namespace nubo {
namespace {

void append_escaped(std::string& out, std::string_view value) {
  for (const char c : value) {
    switch (c) {
      case '&':
        out.append("&amp;");
        break;
      case '<':
        out.append("&lt;");
        break;
      case '>':
        out.append("&gt;");
        break;
      case '"':
        out.append("&quot;");
        break;
      default:
        out.push_back(c);
    }
  }
}

// Calls `append` with the parts of the value that a document can hold and "?" for each byte that it
// cannot (control bytes, broken UTF-8): one such byte would make the whole document unreadable.
template <class F>
void append_clean(std::string_view value, F&& append) {
  for (std::size_t valid = valid_xml_prefix(value); valid < value.size();
       valid = valid_xml_prefix(value)) {
    append(value.substr(0, valid));
    append("?");
    value.remove_prefix(valid + 1);
  }
  append(value);
}

void append_cdata(std::string& out, std::string_view value) {
  constexpr std::string_view end_mark = "]]>";
  for (std::size_t at = value.find(end_mark); at != std::string_view::npos;
       at = value.find(end_mark)) {
    out.append(value.substr(0, at + 2)).append("]]><![CDATA[");
    value.remove_prefix(at + 2);
  }
  out.append(value);
}

}  // namespace

void XmlWriter::text(std::string_view name, std::string_view value) {
  open(name);
  append_clean(value, [this](std::string_view part) { append_escaped(out_, part); });
  close(name);
}

void XmlWriter::cdata(std::string_view name, std::string_view value) {
  append("<", name, "><![CDATA[");
  append_clean(value, [this](std::string_view part) { append_cdata(out_, part); });
  append("]]></", name, ">");
}

std::string xml_escape(std::string_view value) {
  std::string out;
  append_escaped(out, value);
  return out;
}

}  // namespace nubo
