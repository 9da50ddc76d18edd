// SPDX-License-Identifier: Apache-2.0
#include "model/image.h"

#include <array>

namespace nubo {
namespace {

// Indexed by wire number.
constexpr std::array<std::string_view, 11> state_names{
    "INIT",  "READY",  "USED", "DISABLED",    "LOCKED",     "ERROR",
    "CLONE", "DELETE", "USED", "LOCKED_USED", "LOCKED_USED"};

constexpr std::array<std::string_view, 11> disk_type_names{
    "FILE",          "CDROM",    "BLOCK",          "RBD",   "RBD_CDROM", "GLUSTER",
    "GLUSTER_CDROM", "SHEEPDOG", "SHEEPDOG_CDROM", "ISCSI", "FILESYSTEM"};

}  // namespace

std::string_view name_of(ImageState state) {
  return state_names[static_cast<std::size_t>(state)];
}

std::string_view name_of(DiskType type) {
  const auto place = static_cast<std::size_t>(type);
  return place < disk_type_names.size() ? disk_type_names[place] : std::string_view();
}

void set_state(Image& image, ImageState state) {
  image.state = state;
  if (state != ImageState::locked) image.lock.reset();
}

}  // namespace nubo
