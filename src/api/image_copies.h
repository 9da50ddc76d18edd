// SPDX-License-Identifier: Apache-2.0
// Making images from images, and taking them away: for one.image.* and for templates that copy or
// delete the images of their disks (sheet objects.md §2.4, §2.8).
#pragma once

#include <optional>
#include <string>

#include "api/context.h"
#include "model/image.h"
#include "store/draft.h"

namespace nubo::api {

enum class Contents {
  by_driver,   // what the image itself says: copied, made, or there already
  of_vm_disk,  // a VM's operation will bring them
};

/// Stores an image of the caller in state LOCKED (READY when nothing is to be made) and asks for
/// its contents. Code::allocate.
Result<ImageId> store_image(Draft& draft, const Context& call, Image image,
                            Contents contents = Contents::by_driver);

struct ImageCopy {
  ImageId source;
  std::string name;
  DatastoreId datastore = {};           // unset: that of the source
  std::optional<bool> persistent = {};  // unset: as the source, or as configured
};

/// An image that becomes a copy of another. Code::authorization, Code::action, Code::allocate.
Result<ImageId> copy_image(Draft& draft, const Context& call, const ImageCopy& order);

/// Has the image removed, at once or by the driver. Code::authorization, Code::action,
/// Code::internal.
Status delete_image(Draft& draft, const Context& call, ImageId id, bool force);

}  // namespace nubo::api
