// SPDX-License-Identifier: Apache-2.0
#include "text/xml_writer.h"

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

}  // namespace

void XmlWriter::text(std::string_view name, std::string_view value) {
  open(name);
  append_escaped(out_, value);
  close(name);
}

void XmlWriter::cdata(std::string_view name, std::string_view value) {
  constexpr std::string_view end_mark = "]]>";
  open(name);
  out_.append("<![CDATA[");
  for (std::size_t at = value.find(end_mark); at != std::string_view::npos;
       at = value.find(end_mark)) {
    out_.append(value.substr(0, at + 2)).append("]]><![CDATA[");
    value.remove_prefix(at + 2);
  }
  out_.append(value).append(end_mark);
  close(name);
}

std::string xml_escape(std::string_view value) {
  std::string out;
  append_escaped(out, value);
  return out;
}

}  // namespace nubo
