// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "text/trim.h"

namespace nubo {
namespace {

std::vector<int> children_of(const Vector& snapshot) {
  std::vector<int> ids;
  std::string_view list = snapshot.get("CHILDREN");
  while (!list.empty()) {
    const std::string_view word = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), word.size() + 1));
    if (const auto id = parse_number<int>(word)) ids.push_back(*id);
  }
  return ids;
}

void set_children(Vector& snapshot, const std::vector<int>& ids) {
  if (ids.empty()) {
    snapshot.erase("CHILDREN");
  } else {
    snapshot.set("CHILDREN", fmt::format("{}", fmt::join(ids, ",")));
  }
}

int id_of(const Vector& snapshot) { return snapshot.number<int>("ID").value_or(-1); }

template <class Gone>
void keep_others(Template& snapshots, Gone&& gone) {
  for (Attribute& each : snapshots.take("SNAPSHOT")) {
    if (each.vector() && !gone(*each.vector())) snapshots.add(std::move(each));
  }
}

}  // namespace

const Vector* find_snapshot(const Template& snapshots, int id) {
  for (const Vector* each : snapshots.vectors("SNAPSHOT")) {
    if (id_of(*each) == id) return each;
  }
  return nullptr;
}

Vector* find_snapshot(Template& snapshots, int id) {
  for (Vector* each : snapshots.vectors("SNAPSHOT")) {
    if (id_of(*each) == id) return each;
  }
  return nullptr;
}

bool may_delete_snapshot(const Template& snapshots, int id) {
  const std::string orphans = upper_case(snapshots.get("ALLOW_ORPHANS"));
  if (orphans == "YES" || orphans == "LINEAR") return true;
  const Vector* snapshot = find_snapshot(snapshots, id);
  return snapshot && !snapshot->yes("ACTIVE") && children_of(*snapshot).empty();
}

void delete_snapshot(Template& snapshots, int id) {
  const Vector* known = find_snapshot(snapshots, id);
  if (!known) return;
  const Vector gone = *known;
  const std::vector<int> children = children_of(gone);
  if (Vector* parent = find_snapshot(snapshots, gone.number<int>("PARENT").value_or(-1))) {
    std::vector<int> siblings = children_of(*parent);
    std::erase(siblings, id);
    siblings.insert(siblings.end(), children.begin(), children.end());
    set_children(*parent, siblings);
  }
  for (const int child : children) {
    if (Vector* orphan = find_snapshot(snapshots, child)) {
      orphan->set("PARENT", gone.get("PARENT"));
    }
  }
  keep_others(snapshots, [id](const Vector& each) { return id_of(each) == id; });
}

void activate_snapshot(Template& snapshots, int id) {
  for (Vector* each : snapshots.vectors("SNAPSHOT")) each->erase("ACTIVE");
  Vector* chosen = find_snapshot(snapshots, id);
  if (!chosen) return;
  chosen->set("ACTIVE", "YES");
  snapshots.set("CURRENT_BASE", std::to_string(id));
  if (upper_case(snapshots.get("ALLOW_ORPHANS")) != "LINEAR") return;
  keep_others(snapshots, [id](const Vector& each) { return id_of(each) > id; });
}

}  // namespace nubo
