// SPDX-License-Identifier: Apache-2.0
#include "rpc/http_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>

namespace nubo::rpc {
namespace {

struct StatusRow {
  int status;
  std::string_view reason;
  std::string_view headers;
};

constexpr std::array statuses{
    StatusRow{200, "OK", ""},
    StatusRow{400, "Bad Request", ""},
    StatusRow{404, "Not Found", ""},
    StatusRow{405, "Method Not Allowed", "Allow: POST\r\n"},
    StatusRow{408, "Request Timeout", ""},
    StatusRow{411, "Length Required", ""},
    StatusRow{431, "Request Header Fields Too Large", ""},
    StatusRow{503, "Service Unavailable", "Retry-After: 1\r\n"},
};

const StatusRow& row_of(int status) {
  const auto* row = std::ranges::find(statuses, status, &StatusRow::status);
  return row == statuses.end() ? statuses.front() : *row;
}

std::string http_date(EpochSeconds now) {
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = static_cast<std::time_t>(now.count());
  std::tm t{};
  ::gmtime_r(&seconds, &t);
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} GMT",
                     days.at(static_cast<std::size_t>(t.tm_wday)), t.tm_mday,
                     months.at(static_cast<std::size_t>(t.tm_mon)), t.tm_year + 1900, t.tm_hour,
                     t.tm_min, t.tm_sec);
}

}  // namespace

const std::string& ServerDate::at(EpochSeconds now) {
  if (now == made_for_) return text_;
  made_for_ = now;
  return text_ = http_date(now);
}

std::string http_head(const HttpHead& head, const std::string& date) {
  const StatusRow& row = row_of(head.status);
  return fmt::format(
      "HTTP/1.1 {} {}\r\nContent-type: {}\r\nContent-length: {}\r\nConnection: {}\r\nDate: {}\r\n"
      "Server: nubo\r\n{}\r\n",
      row.status, row.reason, head.type, head.size, head.keeps_alive ? "keep-alive" : "close", date,
      row.headers);
}

std::string error_page(int status, std::string_view why) {
  return fmt::format("<html><head><title>{0} {1}</title></head><body>{2}</body></html>\n", status,
                     row_of(status).reason, why);
}

}  // namespace nubo::rpc
