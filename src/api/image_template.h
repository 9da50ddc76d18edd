// SPDX-License-Identifier: Apache-2.0
// What an image's template says of it (sheet objects.md §2.3-2.5). Pure; failures carry the API's
// texts.
#pragma once

#include <optional>
#include <string>

#include "api/settings.h"
#include "base/result.h"
#include "model/datastore.h"
#include "model/image.h"

namespace nubo::api {

/// The word of a type ("OS"), and back in any case; nothing for an unknown word.
std::string_view word_of(ImageType type);
std::optional<ImageType> image_type(std::string_view word, const Settings& settings);

bool is_disk(ImageType type);  // OS, DATABLOCK, CDROM
bool is_file(ImageType type);  // KERNEL, RAMDISK, CONTEXT

/// The size in MB that the template itself says; nothing when the driver has to be asked.
/// Code::internal when it says neither.
Result<std::optional<long long>> stated_size(const Template& given, const Settings& settings);

/// A new image of that size for the datastore, id and owner apart. Code::allocate-worthy causes
/// come as Code::internal.
Result<Image> image_from(Template given, const Datastore& datastore, long long size_mb,
                         const Settings& settings);

/// Which operation makes the image's contents: "ds.cp", "ds.mkfs", or "" when they are there.
std::string making_operation(const Image& image);

}  // namespace nubo::api
