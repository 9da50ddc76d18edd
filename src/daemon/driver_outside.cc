// SPDX-License-Identifier: Apache-2.0
#include "daemon/driver_outside.h"

#include "base/numbers.h"
#include "text/fields.h"

namespace nubo {
namespace {

constexpr std::chrono::seconds stat_deadline{60};

Result<long long> size_of(const Outcome& outcome) {
  if (!outcome.ok()) return fail(Code::internal, "{}", outcome.error);
  const auto found = outcome.data.find("size_mb");
  const auto size =
      found == outcome.data.end() ? std::nullopt : parse_number<long long>(found->second);
  if (size && *size >= 0) return *size;
  return fail(Code::internal, "the datastore driver gave no size");
}

}  // namespace

void DriverOutside::stat_image(const Datastore& datastore, const Template& attributes,
                               std::function<void(Result<long long>)> done) {
  Image image;
  image.name = attributes.get("NAME");
  image.path = attributes.get("PATH");
  image.datastore_id = datastore.id;
  image.attributes = attributes;
  driver::Request request{
      .action = "stat",
      .object = {"datastore", datastore.id.value},
      .deadline = stat_deadline,
      .args = {{"image", to_xml(Image::root, image, Form::stored)},
               {"datastore", to_xml(Datastore::root, secrets_.revealed(datastore), Form::stored)}}};
  drivers_.submit("datastore", std::move(request),
                  [done](const Outcome& outcome) { done(size_of(outcome)); });
}

}  // namespace nubo
