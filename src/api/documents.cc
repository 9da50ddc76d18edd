// SPDX-License-Identifier: Apache-2.0
// one.document.*, one.documentpool.* (sheets api.md §7, objects.md §5.5).
#include "api/generic.h"

namespace nubo::api {
namespace {

constexpr std::size_t longest_name = 128;

/// Any characters are allowed here; without a name it is called by its number.
Result<Value> store(Draft& draft, const Context& call, Document made) {
  if (made.name.size() > longest_name) {
    return fail(Code::internal, "NAME is too long; max length is {} chars.", longest_name);
  }
  static_cast<Owned&>(made) = owned_by_caller(call, made.name);
  NUBO_TRY(const DocumentId id, draft.insert(std::move(made)));
  NUBO_TRY(Document * stored, draft.edit<Document>(id));
  if (stored->name.empty()) stored->name = fmt::format("document-{}", id);
  return Value(id.value);
}

Result<Value> allocate(Draft& draft, const Context& call) {
  NUBO_TRY(Template given, parse_template(call.args.text(0)));
  NUBO_CHECK(authorize(draft.view(), call, {{Right::create, new_object(ObjectType::document)}}));
  Document made;
  made.name = given.get("NAME");
  made.purpose = call.args.integer(1);
  given.erase("NAME");
  given.drop_empty_vectors();
  made.attributes = std::move(given);
  return store(draft, call, std::move(made));
}

/// Asks USE on the source as well, where oned is content with CREATE (api.md §7, "Flaw").
Result<Value> clone(Draft& draft, const Context& call) {
  NUBO_TRY(const auto source, draft.view().get<Document>(DocumentId{call.args.integer(0)}));
  NUBO_CHECK(authorize(
      draft.view(), call,
      {{Right::use, guard_of(*source)}, {Right::create, new_object(ObjectType::document)}}));
  Document copy;
  copy.name = call.args.text(1);
  copy.purpose = source->purpose;
  copy.attributes = source->attributes;
  return store(draft, call, std::move(copy));
}

Result<Value> remove(Draft& draft, const Context& call) {
  NUBO_TRY(const auto document,
           permitted<Document>(draft.view(), call, call.args.integer(0), Right::manage));
  erase_object<Document>(draft, document->id);
  return Value(document->id.value);
}

Result<Value> documents(const Context& call) {
  const auto has_purpose = [purpose = call.args.integer(3)](const Document& document) {
    return document.purpose == purpose;
  };
  NUBO_TRY(
      const auto entries,
      listed_entries<Document>(call, call.args.integer(0),
                               PoolRange{call.args.integer(1), call.args.integer(2)}, has_purpose));
  return Value(pool_document(call, entries));
}

}  // namespace

std::vector<Call> document_calls() {
  using D = Document;
  const Parameter a_purpose{"type", Type::integer};
  std::vector<Parameter> pool_of_purpose = pool_parameters();
  pool_of_purpose.push_back(a_purpose);
  return {
      {"one.document.allocate", {a_template, a_purpose}, allocate},
      {"one.document.clone", {an_id, a_name}, clone},
      {"one.document.delete", {an_id}, remove},
      {"one.document.info", {an_id, a_decrypt_flag}, info<D>},
      {"one.document.update", {an_id, a_template, an_update_type}, update<D>},
      {"one.document.rename", {an_id, a_name}, rename<D>},
      {"one.document.chown", chown_parameters(), chown<D>},
      {"one.document.chmod", chmod_parameters(), chmod<D>},
      {"one.document.lock", lock_parameters(), lock<D>},
      {"one.document.unlock", {an_id}, unlock<D>},
      {"one.documentpool.info", pool_of_purpose, documents},
  };
}

}  // namespace nubo::api
