// SPDX-License-Identifier: Apache-2.0
// VM templates together with the images of their disks: copies, rights, removal, and what a VM of
// them would look like (sheet objects.md §5.2).
#pragma once

#include <string>

#include "api/context.h"
#include "model/vm_template.h"
#include "store/draft.h"

namespace nubo::api {

enum class DiskImages { are_shared, are_copied, become_persistent };

struct TemplateCopy {
  Ptr<VmTemplate> source;
  std::string name;
  DiskImages images = DiskImages::are_shared;
  Template extra = {};  // merged over the copy
};

/// Stores a template of the caller. Code::internal.
Result<TemplateId> store_template(Draft& draft, const Context& call, VmTemplate made);

/// A copy of the template; with images of its own, named <name>-disk-<n>, if so ordered. Images that
/// cannot be found stay as given. Code::action when one cannot be copied.
Result<TemplateId> copy_template(Draft& draft, const Context& call, const TemplateCopy& order);

/// Applies to each image that the template's disks name what the caller may do with it.
void delete_images_of(Draft& draft, const Context& call, const VmTemplate& source);
void chmod_images_of(Draft& draft, const Context& call, const VmTemplate& source);

/// The template with what its disks and NICs take over from images and networks, as far as there.
/// Code::authorization unless the caller may use them.
Result<VmTemplate> extended_template(const Context& call, const VmTemplate& source);

}  // namespace nubo::api
