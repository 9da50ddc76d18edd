// SPDX-License-Identifier: Apache-2.0
// one.template.*, one.templatepool.* but instantiate (sheets api.md §7, objects.md §5.2).
#include "api/generic.h"
#include "api/template_copies.h"

namespace nubo::api {
namespace {

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(check_restricted(call, ObjectType::vm_template, given));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::vm_template)}}));
  VmTemplate made;
  made.name = given.get("NAME");
  given.erase("NAME");
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  NUBO_TRY(const TemplateId id, store_template(draft, call, std::move(made)));
  return Value(id.value);
}

/// Asks USE on the source as well, where oned is content with CREATE (api.md §7, "Flaw").
Result<Value> clone(Draft& draft, const Context& call) {
  NUBO_TRY(const auto source, draft.view().get<VmTemplate>(TemplateId{call.args.integer(0)}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::use, guard_of(*source)}, {Right::create, new_object(ObjectType::vm_template)}}));
  const bool recursive = call.args.flag(2);
  NUBO_TRY(const TemplateId id,
           copy_template(draft, call,
                         {.source = source,
                          .name = call.args.text(1),
                          .images = recursive ? DiskImages::are_copied : DiskImages::are_shared}));
  return Value(id.value);
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto object,
           permitted<VmTemplate>(draft.view(), call, call.args.integer(0), Right::manage));
  erase_object<VmTemplate>(draft, object->id);
  if (call.args.flag(1)) delete_images_of(draft, call, *object);
  return Value(object->id.value);
}

Result<Value> change_mode(Draft& draft, const Context& call) {
  const TemplateId id{call.args.integer(0)};
  NUBO_CHECK(change_permissions<VmTemplate>(draft, call, id));
  if (call.args.flag(10)) chmod_images_of(draft, call, *draft.find<VmTemplate>(id));
  return Value(id.value);
}

Result<Value> template_info(const Context& call) {
  NUBO_TRY(const auto object, permitted<VmTemplate>(*call.snapshot, call, call.args.integer(0),
                                                    Right::use, Locks::are_ignored));
  if (!call.args.flag(1)) {
    return Value(entry_for<VmTemplate>(call, object->id, 2)->document);
  }
  NUBO_TRY(const VmTemplate shown, extended_template(call, entry_for<VmTemplate>(call, object->id, 2)->object));
  return Value(to_xml(VmTemplate::root, shown, Form::shown));
}

}  // namespace

std::vector<Call> template_calls() {
  const Parameter a_recursive_flag{"recursive", Type::flag, Value(false)};
  std::vector<Parameter> chmod_and_images = chmod_parameters();
  chmod_and_images.push_back(a_recursive_flag);
  return {
      {"one.template.allocate", {a_template}, allocate},
      {"one.template.clone", {an_id, a_name, a_recursive_flag}, clone},
      {"one.template.delete", {an_id, a_recursive_flag}, remove},
      {"one.template.info",
       {an_id, {"extended", Type::flag, Value(false)}, a_decrypt_flag},
       template_info},
      {"one.template.update", {an_id, a_template, an_update_type}, update<VmTemplate>},
      {"one.template.rename", {an_id, a_name}, rename<VmTemplate>},
      {"one.template.chown",
       {an_id, {"uid", Type::integer}, {"gid", Type::integer}},
       chown<VmTemplate>},
      {"one.template.chmod", chmod_and_images, change_mode},
      {"one.template.lock", lock_parameters(), lock<VmTemplate>},
      {"one.template.unlock", {an_id}, unlock<VmTemplate>},
      {"one.templatepool.info", pool_parameters(), pool_info<VmTemplate>},
  };
}

}  // namespace nubo::api
