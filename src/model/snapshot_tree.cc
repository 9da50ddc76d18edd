// SPDX-License-Identifier: Apache-2.0
#include "model/snapshot_tree.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/lists.h"
#include "text/trim.h"

namespace nubo {
namespace {

void set_children(Vector& snapshot, const std::vector<int>& ids) {
  if (ids.empty()) {
    snapshot.erase("CHILDREN");
  } else {
    snapshot.set("CHILDREN", fmt::format("{}", fmt::join(ids, ",")));
  }
}

int id_of(const Vector& snapshot) { return snapshot.number<int>("ID").value_or(-1); }

template <class Gone>
void drop_if(Template& snapshots, Gone&& gone) {
  snapshots.erase_if([&gone](const Attribute& each) {
    return each.name == "SNAPSHOT" && each.vector() && gone(*each.vector());
  });
}

Vector* parent_for_new(Template& snapshots) {
  const SnapshotRule rule = snapshot_rule(snapshots);
  if (rule == SnapshotRule::deny) return active_snapshot(snapshots);
  if (rule != SnapshotRule::mixed) return nullptr;
  return find_snapshot(snapshots, snapshots.number<int>("CURRENT_BASE").value_or(-1));
}

}  // namespace

SnapshotRule snapshot_rule(const Template& snapshots) {
  const std::string word = upper_case(snapshots.get("ALLOW_ORPHANS"));
  if (word == "YES") return SnapshotRule::allow;
  if (word == "MIXED") return SnapshotRule::mixed;
  return word == "LINEAR" ? SnapshotRule::linear : SnapshotRule::deny;
}

Vector* find_snapshot(Template& snapshots, int id) {
  for (Vector* each : snapshots.vectors("SNAPSHOT")) {
    if (id_of(*each) == id) return each;
  }
  return nullptr;
}

const Vector* find_snapshot(const Template& snapshots, int id) {
  for (const Vector* each : snapshots.vectors("SNAPSHOT")) {
    if (id_of(*each) == id) return each;
  }
  return nullptr;
}

Vector* active_snapshot(Template& snapshots) {
  for (Vector* each : snapshots.vectors("SNAPSHOT")) {
    if (each->yes("ACTIVE")) return each;
  }
  return nullptr;
}

std::vector<int> children_of(const Vector& snapshot) {
  std::vector<int> ids;
  for (const std::string_view word : split(snapshot.get("CHILDREN"))) {
    if (const auto id = parse_number<int>(word)) ids.push_back(*id);
  }
  return ids;
}

bool may_delete_snapshot(const Template& snapshots, int id) {
  const SnapshotRule rule = snapshot_rule(snapshots);
  if (rule == SnapshotRule::allow || rule == SnapshotRule::linear) return true;
  const Vector* snapshot = find_snapshot(snapshots, id);
  return snapshot && !snapshot->yes("ACTIVE") && children_of(*snapshot).empty();
}

void add_snapshot(Template& snapshots, Vector snapshot) {
  Vector* parent = parent_for_new(snapshots);
  snapshot.set("PARENT", parent ? parent->get("ID") : "-1");
  if (parent) {
    std::vector<int> children = children_of(*parent);
    children.push_back(id_of(snapshot));
    set_children(*parent, children);
  }
  snapshots.add("SNAPSHOT", std::move(snapshot));
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
    if (gone.yes("ACTIVE")) parent->set("ACTIVE", "YES");
  }
  for (const int child : children) {
    if (Vector* orphan = find_snapshot(snapshots, child)) {
      orphan->set("PARENT", gone.get("PARENT"));
    }
  }
  drop_if(snapshots, [id](const Vector& each) { return id_of(each) == id; });
}

namespace {

void mark_active(Template& snapshots, int id) {
  if (Vector* before = active_snapshot(snapshots)) before->erase("ACTIVE");
  if (Vector* now = find_snapshot(snapshots, id)) now->set("ACTIVE", "YES");
}

}  // namespace

void settle_snapshot(Template& snapshots, int id) {
  if (snapshot_rule(snapshots) == SnapshotRule::mixed) {
    snapshots.set("CURRENT_BASE", std::to_string(id));
  } else {
    mark_active(snapshots, id);
  }
}

void activate_snapshot(Template& snapshots, int id) {
  settle_snapshot(snapshots, id);
  mark_active(snapshots, id);
  if (snapshot_rule(snapshots) != SnapshotRule::linear) return;
  drop_if(snapshots, [id](const Vector& each) { return id_of(each) > id; });
}

}  // namespace nubo
