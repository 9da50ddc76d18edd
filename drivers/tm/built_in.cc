// SPDX-License-Identifier: Apache-2.0
#include "tm/built_in.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "base/numbers.h"
#include "ssh/quote.h"
#include "tm/context_cd.h"

namespace nubo::tm {

using ssh::command_line;
using ssh::Place;

struct BuiltIn::Verb {
  std::string_view name;
  Status (BuiltIn::*shared)(const TransferLine&);
  Status (BuiltIn::*node_local)(const TransferLine&);

  static const Verb* find(std::string_view name);
};

const BuiltIn::Verb* BuiltIn::Verb::find(std::string_view name) {
  static constexpr std::array verbs{
      Verb{"CLONE", &BuiltIn::clone, &BuiltIn::fetch},
      Verb{"LN", &BuiltIn::link, &BuiltIn::fetch},
      Verb{"MKIMAGE", &BuiltIn::make_image, &BuiltIn::make_image},
      Verb{"MKSWAP", &BuiltIn::make_swap, &BuiltIn::make_swap},
      Verb{"CONTEXT", &BuiltIn::context_cd, &BuiltIn::context_cd},
      Verb{"MV", &BuiltIn::move_shared, &BuiltIn::move_between},
      Verb{"MVDS", &BuiltIn::drop_link, &BuiltIn::save},
      Verb{"DELETE", &BuiltIn::erase, &BuiltIn::erase},
      Verb{"CPDS", &BuiltIn::copy_shared, &BuiltIn::copy_out},
      Verb{"RESIZE", &BuiltIn::resize, &BuiltIn::resize},
      Verb{"SNAP_CREATE", &BuiltIn::snapshot, &BuiltIn::snapshot},
      Verb{"SNAP_REVERT", &BuiltIn::snapshot, &BuiltIn::snapshot},
      Verb{"SNAP_DELETE", &BuiltIn::snapshot, &BuiltIn::snapshot},
      Verb{"PREMIGRATE", &BuiltIn::nothing, &BuiltIn::premigrate},
      Verb{"POSTMIGRATE", &BuiltIn::nothing, &BuiltIn::postmigrate},
      Verb{"FAILMIGRATE", &BuiltIn::nothing, &BuiltIn::nothing},
  };
  const auto found = std::ranges::find(verbs, name, &Verb::name);
  return found == verbs.end() ? nullptr : &*found;
}

namespace {

bool is_shared(std::string_view tm) { return tm == "shared" || tm == "qcow2"; }

/// A path on the front-end, as images have it in SOURCE.
Result<Place> front_end_place(const std::string& path) { return parse_place(":" + path); }

std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string make_token() {
  std::random_device random;
  return fmt::format("{:08x}{:08x}{:08x}{:08x}", random(), random(), random(), random());
}

}  // namespace

bool BuiltIn::is_name(std::string_view tm) { return is_shared(tm) || tm == "ssh" || tm == "local"; }

Status BuiltIn::run(const TransferLine& line) {
  const Verb* verb = Verb::find(line.verb);
  if (verb == nullptr)
    return fail(Code::action, "the transfer driver {} cannot do {}", line.tm, line.verb);
  tm_ = is_name(line.system) ? line.system : line.tm;
  batch_.doing(line.name());
  return (this->*(is_shared(tm_) ? verb->shared : verb->node_local))(line);
}

std::string BuiltIn::layout_of(const TransferLine& line, int disk) const {
  const bool is_qcow2 =
      line.verb == "MKIMAGE" ? line.arg(1) == "qcow2" : vm_.disk(disk).format == "qcow2";
  return is_qcow2 && tm_ != "ssh" && disk >= 0 ? "snap" : "flat";
}

// SOURCE TARGET VM DATASTORE
Status BuiltIn::clone(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_place(line.arg(0)));
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  const int id = disk_id_of(to.path);
  const DiskFacts disk = vm_.disk(id);
  const std::string source = on_root_of(to.path, from.path);
  if (layout_of(line, id) == "snap")
    return batch_.add(to.node, {"overlay_image", source, to.path, disk.grow_to_mb, tm_});
  return batch_.add(to.node, {"copy_image", source, to.path, disk.format, disk.grow_to_mb, tm_});
}

Status BuiltIn::link(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_place(line.arg(0)));
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  return batch_.add(to.node, {"link_image", on_root_of(to.path, from.path), to.path, tm_});
}

Status BuiltIn::fetch(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_place(line.arg(0)));
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  NUBO_TRY(const std::string state, batch_.ask(to.node, {"begin", to.path, tm_}));
  if (state == "done") return ok();
  NUBO_CHECK(send_file(from, to));
  const int id = disk_id_of(to.path);
  const DiskFacts disk = vm_.disk(id);
  return batch_.add(to.node,
                    {"finish", to.path, disk.format, disk.grow_to_mb, layout_of(line, id)});
}

// The file goes into the directory TARGET.part, under the name that it has.
Status BuiltIn::send_file(const Place& from, const Place& to) {
  const std::string part = to.path + ".part";
  return batch_.pipe(
      {from.node,
       command_line({"tar", "-chSf", "-", "-C", parent_of(from.path), "--", name_of(from.path)})},
      {to.node, command_line({"mkdir", "--", part}) + " && " +
                    command_line({"tar", "-xSf", "-", "--no-same-owner", "-C", part})});
}

// SIZE FORMAT TARGET VM DATASTORE
Status BuiltIn::make_image(const TransferLine& line) {
  NUBO_TRY(const Place to, parse_vm_place(line.arg(2), line.arg(3)));
  const int id = disk_id_of(to.path);
  return batch_.add(to.node, {"make_image", to.path, line.arg(0), line.arg(1),
                              vm_.disk(id).file_system, layout_of(line, id), tm_});
}

// SIZE TARGET VM DATASTORE
Status BuiltIn::make_swap(const TransferLine& line) {
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  return batch_.add(to.node, {"make_image", to.path, line.arg(0), "raw", "swap", "flat", tm_});
}

// CONTEXT_SH [FILE …] TARGET VM DATASTORE
Status BuiltIn::context_cd(const TransferLine& line) {
  NUBO_TRY(const Place to, parse_vm_place(line.arg(-3), line.arg(-2)));
  std::string files = cd_.files;
  for (auto file = line.args.begin() + 1; file < line.args.end() - 3; ++file) files += " " + *file;
  NUBO_TRY(ContextCd cd, ContextCd::start(nodes_, cd_.rules, context_));
  NUBO_CHECK(cd_.context.empty() ? cd.add_file(line.arg(0), "context.sh")
                                 : cd.add_text(cd_.context, "context.sh"));
  NUBO_CHECK(cd.add_files(files));
  NUBO_TRY(const std::string image, cd.burn());
  NUBO_TRY(const std::string ready, batch_.ask(to.node, {"begin_cd", to.path, tm_}));
  NUBO_CHECK(send_file({"", image}, to));
  NUBO_CHECK(batch_.add(to.node, {"finish_cd", to.path}));
  return batch_.flush();
}

// FROM TO VM DATASTORE; of a disk there is nothing to do: the directory's line moves it.
Status BuiltIn::move_shared(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_vm_place(line.arg(0), line.arg(2)));
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  if (disk_id_of(to.path) >= 0 || from.path == to.path) return ok();
  return batch_.add(to.node, {"move_here", from.path, to.path});
}

Status BuiltIn::move_between(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_vm_place(line.arg(0), line.arg(2)));
  NUBO_TRY(const Place to, parse_vm_place(line.arg(1), line.arg(2)));
  if (disk_id_of(to.path) >= 0 || vm_.source_is_lost()) return ok();
  if (from.node == to.node)
    return from.path == to.path ? ok() : batch_.add(to.node, {"move_here", from.path, to.path});
  const std::string token = make_token();
  NUBO_TRY(const std::string source, batch_.ask(from.node, {"mark", from.path, token}));
  if (source != "there") return batch_.add(to.node, {"must_exist", to.path});
  NUBO_TRY(const std::string target, batch_.ask(to.node, {"is_marked", to.path, token}));
  if (target == "same" && from.path == to.path) return batch_.add(to.node, {"unmark", to.path});
  NUBO_TRY(const std::string ready, batch_.ask(to.node, {"begin_directory", to.path, tm_}));
  const std::string part = to.path + ".part";
  NUBO_CHECK(batch_.pipe({from.node, command_line({"tar", "-cSf", "-", "-C", from.path, "."})},
                         {to.node, command_line({"mkdir", "--", part}) + " && " +
                                       command_line({"tar", "-xSf", "-", "-C", part})}));
  NUBO_CHECK(batch_.add(to.node, {"take_directory", to.path}));
  NUBO_CHECK(batch_.flush());
  return batch_.add(from.node, {"drop_moved", from.path});
}

// DISK SOURCE VM DATASTORE: what the guest wrote is in the image already.
Status BuiltIn::drop_link(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(2)));
  return batch_.add(disk.node, {"unlink_image", disk.path});
}

Status BuiltIn::save(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(2)));
  NUBO_TRY(const Place image, front_end_place(line.arg(1)));
  const std::string format = vm_.disk(disk_id_of(disk.path)).format;
  NUBO_TRY(const std::string state,
           batch_.ask(disk.node, {"begin_save", disk.path, disk.path, format}));
  if (state == "done") return ok();
  NUBO_TRY(const std::string ready, batch_.ask(image.node, {"begin_image", image.path}));
  NUBO_CHECK(send_file({disk.node, format == "qcow2" ? disk.path + ".flat" : disk.path}, image));
  NUBO_CHECK(batch_.add(image.node, {"finish_image", image.path}));
  NUBO_CHECK(batch_.flush());
  return batch_.add(disk.node, {"end_save", disk.path});
}

// PATH VM DATASTORE
Status BuiltIn::erase(const TransferLine& line) {
  NUBO_TRY(const Place place, parse_vm_place(line.arg(0), line.arg(1)));
  return batch_.add(place.node, {"erase", place.path});
}

namespace {

/// The file of a disk or, with a snapshot id, of that snapshot.
std::string file_of(const std::string& disk, const std::string& snapshot) {
  return snapshot == "-1" ? disk : disk + ".snap/" + name_of(snapshot);
}

}  // namespace

// DISK NEW_SOURCE SNAPSHOT VM DATASTORE
Status BuiltIn::copy_shared(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(3)));
  NUBO_TRY(const Place image, front_end_place(line.arg(1)));
  if (vm_.guest_runs_on())
    return fail(Code::action, "disks of running guests cannot be copied; power off VM {} first",
                line.arg(3));
  return batch_.add(disk.node,
                    {"copy_disk", file_of(disk.path, line.arg(2)),
                     vm_.disk(disk_id_of(disk.path)).format, on_root_of(disk.path, image.path)});
}

Status BuiltIn::copy_out(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(3)));
  NUBO_TRY(const Place image, front_end_place(line.arg(1)));
  if (vm_.guest_runs_on())
    return fail(Code::action, "disks of running guests cannot be copied; power off VM {} first",
                line.arg(3));
  const std::string format = vm_.disk(disk_id_of(disk.path)).format;
  const std::string file = file_of(disk.path, line.arg(2));
  NUBO_TRY(const std::string state, batch_.ask(disk.node, {"begin_save", disk.path, file, format}));
  NUBO_TRY(const std::string ready, batch_.ask(image.node, {"begin_image", image.path}));
  NUBO_CHECK(send_file({disk.node, format == "qcow2" ? disk.path + ".flat" : file}, image));
  NUBO_CHECK(batch_.add(image.node, {"finish_image", image.path}));
  return batch_.add(disk.node, {"drop_flat", disk.path});
}

// DISK SNAPSHOT VM DATASTORE
Status BuiltIn::snapshot(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(2)));
  const std::string format = vm_.disk(disk_id_of(disk.path)).format;
  if (format != "qcow2") {
    return fail(Code::action, "disks of format {} have no snapshots", format);
  }
  if (!parse_number<int>(line.arg(1))) {
    return fail(Code::internal, "\"{}\" is no snapshot", line.arg(1));
  }
  if (vm_.guest_runs_on()) {
    return fail(Code::action,
                "the snapshots of a running guest's disks cannot change; power off "
                "VM {} first",
                line.arg(2));
  }
  constexpr std::array functions{std::pair{"SNAP_CREATE", "snap_create"},
                                 std::pair{"SNAP_REVERT", "snap_revert"},
                                 std::pair{"SNAP_DELETE", "snap_delete"}};
  const auto function =
      std::ranges::find(functions, line.verb, [](const auto& each) { return each.first; });
  return batch_.add(disk.node, {function->second, disk.path, line.arg(1)});
}

// DISK SIZE VM DATASTORE: the disk of a guest that runs grows with the guest's knowledge.
Status BuiltIn::resize(const TransferLine& line) {
  NUBO_TRY(const Place disk, parse_vm_place(line.arg(0), line.arg(2)));
  if (vm_.guest_runs_on()) return ok();
  return batch_.add(disk.node,
                    {"grow", disk.path, vm_.disk(disk_id_of(disk.path)).format, line.arg(1)});
}

Result<bool> BuiltIn::are_one(const Place& one, const Place& other) {
  if (one.node == other.node) return one.path == other.path;
  const std::string token = make_token();
  NUBO_TRY(const std::string there, batch_.ask(one.node, {"mark", one.path, token}));
  if (there != "there") return false;
  NUBO_TRY(const std::string seen, batch_.ask(other.node, {"is_marked", other.path, token}));
  NUBO_CHECK(batch_.add(one.node, {"unmark", one.path}));
  return seen == "same";
}

// FROM_NODE TO_NODE DIRECTORY VM DATASTORE
Status BuiltIn::premigrate(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_vm_place(line.arg(0) + ":" + line.arg(2), line.arg(3)));
  const Place to{line.arg(1), from.path};
  NUBO_TRY(const bool is_one, are_one(from, to));
  return is_one ? ok() : batch_.add(to.node, {"make_clear", to.path});
}

Status BuiltIn::postmigrate(const TransferLine& line) {
  NUBO_TRY(const Place from, parse_vm_place(line.arg(0) + ":" + line.arg(2), line.arg(3)));
  const Place to{line.arg(1), from.path};
  NUBO_TRY(const bool is_one, are_one(to, from));
  return is_one ? ok() : batch_.add(from.node, {"erase", from.path});
}

Status BuiltIn::nothing(const TransferLine&) { return ok(); }

}  // namespace nubo::tm
