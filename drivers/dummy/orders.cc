// SPDX-License-Identifier: Apache-2.0
#include "orders.h"

#include <utility>
#include <vector>

#include "base/numbers.h"
#include "text/xml_reader.h"

namespace nubo::dummy {

namespace {

constexpr std::string_view prefix = "DUMMY_";

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::pair<std::string_view, std::string_view> cut(std::string_view text, char at) {
  const std::size_t found = text.find(at);
  if (found == std::string_view::npos) return {trim(text), {}};
  return {trim(text.substr(0, found)), trim(text.substr(found + 1))};
}

// The items of "deploy=500, save=20" or "500" or "yes": what stands alone is for every action,
// unless it is the name of one.
Values items_of(std::string_view list) {
  Values items;
  while (!list.empty()) {
    const auto [item, rest] = cut(list, ',');
    const auto [name, value] = cut(item, '=');
    const bool alone = item.find('=') == std::string_view::npos;
    if (alone && parse_number<int>(name)) {
      items.insert_or_assign("*", std::string(name));
    } else if (alone && parse_yes_no(name)) {
      if (*parse_yes_no(name)) items.insert_or_assign("*", "");
    } else if (!name.empty()) {
      items.insert_or_assign(std::string(name), std::string(value));
    }
    list = rest;
  }
  return items;
}

// What the first layer that speaks of the action says under `name`.
std::optional<std::string> find_order(std::string_view name, std::string_view action,
                                      std::span<const Values> layers) {
  for (const Values& layer : layers) {
    const auto attribute = layer.find(name);
    if (attribute == layer.end()) continue;
    const Values items = items_of(attribute->second);
    for (const std::string_view key : {action, std::string_view("*")})
      if (const auto item = items.find(key); item != items.end()) return item->second;
  }
  return {};
}

}  // namespace

Order order_for(std::string_view action, std::span<const Values> layers) {
  const auto find = [action, layers](std::string_view name) {
    return find_order(name, action, layers);
  };
  Order order;
  order.delay = Milliseconds(parse_number<int>(find("DUMMY_DELAY_MS").value_or("")).value_or(0));
  order.failure = find("DUMMY_FAIL");
  if (order.failure && order.failure->empty())
    order.failure = fmt::format("the dummy driver was told that {} fails", action);
  order.failure_times = parse_number<int>(find("DUMMY_FAIL_TIMES").value_or(""));
  order.hang = find("DUMMY_HANG").has_value();
  order.die = find("DUMMY_DIE").has_value();
  for (const Values& layer : layers) {
    const auto attribute = layer.find("DUMMY_ANSWER");
    if (attribute != layer.end()) order.answer.merge(items_of(attribute->second));
  }
  return order;
}

Values orders_of_document(std::string_view xml) {
  Values orders;
  if (xml.find(prefix) == xml.npos) return orders;
  const auto document = XmlDocument::parse(xml);
  if (!document) return orders;
  for (const char* part : {"USER_TEMPLATE", "TEMPLATE"})
    for (const XmlNode& attribute : document->root().child(part).children())
      if (attribute.name().starts_with(prefix))
        orders.try_emplace(std::string(attribute.name()), attribute.text());
  return orders;
}

Result<ControlLines> parse_control(std::string_view text) {
  ControlLines lines;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trim(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') continue;
    const auto [kind, object_and_order] = cut(line, ' ');
    const auto [object, order] = cut(object_and_order, ' ');
    const auto [name, value] = cut(order, '=');
    if (name.empty() || order.find('=') == std::string_view::npos)
      return fail(Code::internal, "line {} is not KIND NAME ATTRIBUTE=VALUE: {}", number, line);
    lines[fmt::format("{} {}", kind, object)].insert_or_assign(std::string(name),
                                                               std::string(value));
  }
  return lines;
}

}  // namespace nubo::dummy
