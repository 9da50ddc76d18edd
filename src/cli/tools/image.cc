// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/shared_commands.h"
#include "cli/tools/all.h"
#include "cli/tools/columns.h"
#include "cli/values.h"

namespace nubo::cli {
namespace {

constexpr const char* types = "OS, CDROM, DATABLOCK, KERNEL, RAMDISK, CONTEXT, BACKUP, FILESYSTEM";

std::string datastore(const Row& row) { return row.node.get("DATASTORE"); }

std::string type(const Row& row) { return image_short_type(number(row.node, "TYPE")); }

std::string modtime(const Row& row) { return time_text(number(row.node, "MODTIME")); }

std::string persistent(const Row& row) { return yes_no(row.node.get("PERSISTENT") == "1"); }

std::string stat(const Row& row) { return image_state(number(row.node, "STATE")); }

std::string rvms(const Row& row) { return row.node.get("RUNNING_VMS"); }

std::string size(const Row& row) { return size_text(decimal(row.node, "SIZE"), 'M'); }

constexpr std::array columns{
    Column{"ID", "ONE identifier for the Image", 4, adjust, &id_value},
    Column{"USER", "Username of the Image owner", 8, left, &user_value},
    Column{"GROUP", "Group of the Image", 8, left, &group_value},
    Column{"NAME", "Name of the Image", 15, left | expand, &name_value},
    Column{"DATASTORE", "Name of the Datastore", 10, left, &datastore},
    Column{"TYPE", "Type of the Image", 4, left, &type},
    Column{"REGTIME", "Registration time of the Image", 15, right, &regtime_value},
    Column{"MODTIME", "Last modification time of the Image", 15, right, &modtime},
    Column{"PERSISTENT", "Whether the Image is persistent or not", 3, right, &persistent},
    Column{"STAT", "State of the Image", 4, left, &stat},
    Column{"RVMS", "Number of VMs currently running from this Image", 4, right, &rvms},
    Column{"SIZE", "Size of the image", 7, right, &size},
};
constexpr ListLayout layout{columns, "ID,USER,GROUP,NAME,DATASTORE,SIZE,TYPE,PERSISTENT,STAT,RVMS"};

void print_snapshots(Page& page, const XmlNode& image) {
  const std::vector<XmlNode> snapshots = image.child("SNAPSHOTS").children("SNAPSHOT");
  if (snapshots.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& one : snapshots) {
    rows.push_back({one.get("ACTIVE") == "YES" ? "=>" : "", one.get("ID"), one.get("PARENT"),
                    time_text(number(one, "DATE")), size_text(decimal(one, "SIZE"), 'M'),
                    one.get("NAME")});
  }
  page.blank();
  page.header("IMAGE SNAPSHOTS");
  page.table(
      {{"AC", 2}, {"ID", 3}, {"PARENT", 6}, {"DATE", 15}, {"SIZE", 8, true}, {"NAME", 37, true}},
      rows);
}

void print_backup(Page& page, const XmlNode& image) {
  const std::vector<XmlNode> increments = image.child("BACKUP_INCREMENTS").children("INCREMENT");
  page.blank();
  page.header("BACKUP INFORMATION");
  page.line("VM", id_list(image.child("VMS")));
  page.line("DISK IDS", id_list(image.child("BACKUP_DISK_IDS")));
  page.line("TYPE", increments.empty() ? "FULL" : "INCREMENTAL");
  if (increments.empty()) return;
  std::vector<std::vector<std::string>> rows;
  for (const XmlNode& one : increments) {
    rows.push_back({one.get("ID"), one.get("PARENT_ID"), one.get("TYPE") == "FULL" ? "F" : "I",
                    size_text(decimal(one, "SIZE"), 'M'), time_text(number(one, "DATE")),
                    one.get("SOURCE")});
  }
  page.blank();
  page.header("BACKUP INCREMENTS");
  page.table({{"ID", 3}, {"PID", 3}, {"T", 1}, {"SIZE", 8}, {"DATE", 15}, {"SOURCE", 37}}, rows);
}

Status show(Run& run, const XmlNode& image) {
  Page page(run);
  page.title(fmt::format("IMAGE {} INFORMATION", image.get("ID")));
  identity_lines(page, image, true);
  page.line("DATASTORE", image.get("DATASTORE"));
  page.line("TYPE", image_type(number(image, "TYPE")));
  page.line("REGISTER TIME", time_text(number(image, "REGTIME")));
  page.line("LAST MODIFIED", time_text(number(image, "MODTIME")));
  page.line("PERSISTENT", yes_no(image.get("PERSISTENT") == "1"));
  page.line("SOURCE", image.get("SOURCE"));
  if (!image.get("PATH").empty()) page.line("PATH", image.get("PATH"));
  if (!image.get("FORMAT").empty()) page.line("FORMAT", image.get("FORMAT"));
  page.line("SIZE", size_text(decimal(image, "SIZE"), 'M'));
  page.line("STATE", image_state(number(image, "STATE")));
  page.line("RUNNING_VMS", image.get("RUNNING_VMS"));
  page.blank();
  page.permissions(image);
  print_snapshots(page, image);
  page.blank();
  page.attributes("IMAGE TEMPLATE", image.child("TEMPLATE"));
  const std::vector<std::string> used_by = ids(image.child("VMS"));
  if (used_by.empty()) return ok();
  if (image_type(number(image, "TYPE")) == "BACKUP") {
    print_backup(page, image);
    return ok();
  }
  page.blank();
  page.short_header("VIRTUAL MACHINES");
  return print_machines(run, [&](const XmlNode& vm) {
    return std::ranges::find(used_by, vm.get("ID")) != used_by.end();
  });
}

struct TemplateOption {
  const char* option;
  const char* attribute;
};

constexpr std::array template_options{
    TemplateOption{"description", "DESCRIPTION"},
    TemplateOption{"type", "TYPE"},
    TemplateOption{"target", "TARGET"},
    TemplateOption{"path", "PATH"},
    TemplateOption{"format", "FORMAT"},
    TemplateOption{"fs", "FS"},
    TemplateOption{"disk_type", "DISK_TYPE"},
    TemplateOption{"source", "SOURCE"},
    TemplateOption{"size", "SIZE"},
    TemplateOption{"name", "NAME"},
    TemplateOption{"persistent", "PERSISTENT"},
    TemplateOption{"prefix", "DEV_PREFIX"},
};

std::string template_from_options(const Run& run) {
  std::string text;
  for (const TemplateOption& one : template_options) {
    if (!run.options.has(one.option)) continue;
    std::string value = run.options.get(one.option);
    if (one.option == std::string_view("persistent")) {
      text += "PERSISTENT=YES\n";
      continue;
    }
    // The daemon sees paths of its own; a relative one means a file here.
    const bool relative = value.find("://") == value.npos && !value.starts_with('/');
    if (one.option == std::string_view("path") && relative)
      value = run.shell.variable("PWD") + "/" + value;
    text += fmt::format("{}={}\n", one.attribute, quoted(value));
  }
  return text;
}

Result<std::string> image_template(Run& run) {
  std::vector<std::string> conflicts;
  for (const std::string& name : run.options.order()) {
    const bool builds =
        name == "dry" ||
        (name != "name" && std::ranges::find(template_options, name, [](const TemplateOption& one) {
                             return std::string_view(one.option);
                           }) != template_options.end());
    if (builds) conflicts.push_back(name);
  }
  // Options say that nothing is to be read, but a text that is there as well is a mistake.
  const bool by_options = !conflicts.empty() || run.options.has("name");
  const std::optional<std::string> text = created_text(run, 0);
  if (text && !conflicts.empty()) {
    return fail(Code::api,
                "You cannot pass template on STDIN and use template creation options, conflicting "
                "options: {}.",
                join(conflicts, ", "));
  }
  if (text) return *text;
  if (!by_options)
    return fail(Code::api, "Give the template of the image: options, a file, or standard input");
  return template_from_options(run);
}

Result<int> create(Run& run) {
  if (!run.options.has("datastore") && !run.options.has("dry")) {
    return fail(Code::api, "Datastore to save the image is mandatory: \n\t -d datastore_id");
  }
  NUBO_TRY(const std::string text, image_template(run));
  if (run.options.has("dry")) {
    run.print(text);
    return 0;
  }
  return print_id(run, run.call_for_id("allocate", {text, run.options.number("datastore", -1),
                                                    run.options.has("no_check_capacity")}));
}

Result<int> clone(Run& run) {
  return print_id(
      run, run.call_for_id("clone", {run.id(0), run.text(1), run.options.number("datastore", -1)}));
}

Result<int> chtype(Run& run) {
  const std::string wanted = upper(run.text(1));
  if (fmt::format(" {},", types).find(fmt::format(" {},", wanted)) == std::string::npos) {
    return fail(Code::api, "Image type not supported. Must be {}.", types);
  }
  return run.for_each([&](int id) -> Status {
    NUBO_CHECK(run.call("chtype", {id, wanted}));
    run.done(id, "Type changed");
    return ok();
  });
}

Result<int> restore(Run& run) {
  if (!run.options.has("datastore")) {
    return fail(Code::api,
                "Datastore to restore the backup is mandatory: \n\t -d datastore_id | name");
  }
  std::string text;
  if (run.options.has("no_nic")) text += "NO_NIC=\"YES\"\n";
  if (run.options.has("no_ip")) text += "NO_IP=\"YES\"\n";
  constexpr std::array named{TemplateOption{"name", "NAME"},
                             TemplateOption{"increment", "INCREMENT_ID"},
                             TemplateOption{"disk-id", "DISK_ID"}};
  for (const TemplateOption& one : named) {
    if (run.options.has(one.option))
      text += fmt::format("{}={}\n", one.attribute, quoted(run.options.get(one.option)));
  }
  const Result<std::string> made =
      run.call_for_text("restore", {run.id(0), run.options.number("datastore", -1), text});
  if (!made) {
    run.line(made.error().message);
    return 255;
  }
  const std::vector<std::string> made_ids = split(*made, ' ');
  if (made_ids.empty()) return 0;
  run.line("VM Template: " + made_ids.front());
  run.line("Images: " + join({made_ids.begin() + 1, made_ids.end()}, " "));
  return 0;
}

Result<int> orphans(Run& run) {
  NUBO_TRY(const XmlNode images, run.pool(*find_pool("image")));
  NUBO_TRY(const XmlNode templates, run.pool(*find_pool("template")));
  for (const XmlNode& image : images.children("IMAGE")) {
    if (image_type(number(image, "TYPE")) == "BACKUP") continue;
    const auto uses = [&](const XmlNode& disk) {
      if (disk.get("IMAGE_ID") == image.get("ID")) return true;
      return !disk.get("IMAGE").empty() && disk.get("IMAGE") == image.get("NAME") &&
             disk.get("IMAGE_UNAME") == image.get("UNAME");
    };
    bool used = false;
    for (const XmlNode& machine : templates.children("VMTEMPLATE")) {
      used = used || std::ranges::any_of(machine.child("TEMPLATE").children("DISK"), uses);
    }
    if (!used) run.line(image.get("ID"));
  }
  return 0;
}

constexpr std::array create_options{
    Option{"datastore", 'd', Takes::object, "id|name", "Selects the datastore", "datastore"},
    Option{"no_check_capacity", 0, Takes::nothing, "",
           "Do not check the capacity of the datastore (admins)"},
    Option{"name", 0, Takes::text, "name", "Name of the new image"},
    Option{"description", 0, Takes::text, "description", "Description of the new image"},
    Option{"type", 0, Takes::choice, "type", "Type of the new image", types},
    Option{"persistent", 0, Takes::nothing, "", "Make the image persistent"},
    Option{"prefix", 0, Takes::text, "prefix", "Device prefix: hd, sd, vd"},
    Option{"target", 0, Takes::text, "target", "Device the disk will be attached to"},
    Option{"path", 0, Takes::text, "path", "Path of the image file, or URL"},
    Option{"format", 0, Takes::text, "format", "Format of the image: raw, qcow2"},
    Option{"fs", 0, Takes::text, "filesystem", "Filesystem that a new datablock gets"},
    Option{"disk_type", 0, Takes::text, "disk_type",
           "Type of the image: BLOCK, CDROM, RBD, FILE …"},
    Option{"source", 0, Takes::text, "source",
           "Source to be used; useful for images that are there already"},
    Option{"size", 0, Takes::size, "size", "Size in MB, or with unit"},
    Option{"dry", 0, Takes::nothing, "", "Just print the template"},
};
constexpr std::array datastore_option{
    Option{"datastore", 'd', Takes::object, "id|name", "Selects the datastore", "datastore"},
};
constexpr std::array restore_options{
    Option{"datastore", 'd', Takes::object, "id|name", "Selects the datastore", "datastore"},
    Option{"no_nic", 0, Takes::nothing, "", "Do not restore NICs"},
    Option{"no_ip", 0, Takes::nothing, "", "Do not restore addresses"},
    Option{"name", 0, Takes::text, "name", "Name of the template that is made"},
    Option{"increment", 0, Takes::integer, "increment_id",
           "Increment to restore, the last by default"},
    Option{"disk-id", 0, Takes::integer, "disk_id", "Restore this disk only"},
};
constexpr std::array force_option{
    Option{"force", 0, Takes::nothing, "", "Delete it from the database even if the driver fails"},
};
constexpr std::array backup_option{
    Option{"backup", 0, Takes::nothing, "", "Show backup images only"},
};

constexpr std::array commands{
    Command{"create", "[file]", "Creates a new Image", {}, create, {create_options}},
    Command{
        "clone", "<imageid> <name>", "Creates a copy of an Image", {}, clone, {datastore_option}},
    Command{"delete",
            "<range|imageid_list>",
            "Deletes the given Image",
            {"delete", "# ?force", "deleting"},
            nullptr,
            {force_option}},
    Command{"persistent",
            "<range|imageid_list>",
            "Makes the given Image persistent",
            {"persistent", "# true", "made persistent"}},
    Command{"nonpersistent",
            "<range|imageid_list>",
            "Makes the given Image non persistent",
            {"persistent", "# false", "made non persistent"}},
    Command{"chtype", "<range|imageid_list> <type>", "Changes the Image's type", {}, chtype},
    Command{"snapshot-delete",
            "<imageid> <snapshot_id>",
            "Deletes a snapshot from the image",
            {"snapshotdelete", "# $1i", "snapshot deleted"}},
    Command{"snapshot-revert",
            "<imageid> <snapshot_id>",
            "Reverts the image to a snapshot",
            {"snapshotrevert", "# $1i", "image reverted"}},
    Command{"snapshot-flatten",
            "<imageid> <snapshot_id>",
            "Flattens a snapshot into the image",
            {"snapshotflatten", "# $1i", "snapshot flattened"}},
    Command{"restore",
            "<imageid>",
            "Restores a VM from a backup image",
            {},
            restore,
            {restore_options}},
    Command{"orphans", "", "Shows images that no template uses", {}, orphans},
};

}  // namespace

Tool image_tool() {
  return {.name = "oneimage",
          .pool = "image",
          .id_name = "imageid",
          .noun = "Image",
          .common = common_owned | common_lock | common_top | common_enable,
          .commands = commands,
          .list = &layout,
          .show = show,
          .list_options = backup_option};
}

}  // namespace nubo::cli
