// SPDX-License-Identifier: Apache-2.0
// Draft's charging of quotas: bills of what a change touched, their differences by account, the
// test, the posting.
#include "model/router_charges.h"
#include "store/draft.h"

namespace nubo {
namespace {

constexpr int nobody = 0;  // oneadmin and his group are charged with nothing

bool is_charged(int id) { return id > nobody; }

void add(QuotaDifferences& differences, const Bill& bill, Amount sign) {
  const auto to = [&](ObjectType type, int id) {
    if (!is_charged(id)) return;
    auto& sums = differences[{type, id}];
    for (const auto& [key, amount] : bill.items) sums[key] += sign * amount;
  };
  to(ObjectType::user, bill.uid.value);
  to(ObjectType::group, bill.gid.value);
}

/// The bill, where somebody is charged with it.
template <class T>
Bill charge_of(const T& object, const QuotaMetrics& metrics) {
  if (!is_charged(object.uid.value) && !is_charged(object.gid.value)) return {};
  return bill_of(object, metrics);
}

const Quotas& defaults_of(const Snapshot& state, ObjectType type) {
  static const Quotas none;
  const bool is_user = type == ObjectType::user;
  const auto found =
      state.find<DefaultQuotas>(is_user ? DefaultQuotas::of_users : DefaultQuotas::of_groups);
  return found ? found->quotas : none;
}

const Quotas* quotas_of(const Draft& draft, const QuotaAccount& account) {
  if (account.type == ObjectType::user) {
    const User* user = draft.find<User>(UserId{account.id});
    return user ? &user->quotas : nullptr;
  }
  const Group* group = draft.find<Group>(GroupId{account.id});
  return group ? &group->quotas : nullptr;
}

/// nullptr when the account is gone: what it owned stays, and nobody is charged with it.
Quotas* edit_quotas(Draft& draft, const QuotaAccount& account) {
  if (!quotas_of(draft, account)) return nullptr;
  if (account.type == ObjectType::user) return &(*draft.edit<User>(UserId{account.id}))->quotas;
  return &(*draft.edit<Group>(GroupId{account.id}))->quotas;
}

template <class F>
void for_each_kind(F&& f) {
  [&f]<class... T>(std::type_identity<std::tuple<T...>>) {
    (f(std::type_identity<T>{}), ...);
  }(std::type_identity<ObjectKinds>{});
}

bool is_wanted(const Owned& object, const std::optional<QuotaAccount>& only) {
  if (!only) return true;
  return only->id == (only->type == ObjectType::user ? object.uid.value : object.gid.value);
}

/// Usage by account, from nothing but the objects.
QuotaDifferences count_all(const Snapshot& state, const QuotaMetrics& metrics,
                           const std::optional<QuotaAccount>& only) {
  QuotaDifferences sums;
  for_each_kind([&]<class T>(std::type_identity<T>) {
    if constexpr (Billed<T>) {
      state.pool<T>().for_each([&](const Entry<T>& entry) {
        if (is_wanted(entry.object, only)) add(sums, bill_of(entry.object, metrics), 1);
      });
    }
  });
  return sums;
}

}  // namespace

template <class T>
void Draft::add_differences(QuotaDifferences& differences) {
  for (const auto& [id, touched] : touched_map<T>()) {
    const Bill now = touched.entry ? charge_of(touched.entry->object, metrics_) : Bill{};
    const auto [known, is_first] = settled_.try_emplace({T::type, id.value});
    if (is_first && touched.before) known->second = charge_of(touched.before->object, metrics_);
    if (known->second == now) continue;
    add(differences, known->second, -1);
    add(differences, now, 1);
    known->second = now;
  }
}

Status Draft::test_differences(const QuotaDifferences& differences) const {
  for (const auto& [account, sums] : differences) {
    const Quotas* own = quotas_of(*this, account);
    if (!own) continue;
    const Quotas& defaults = defaults_of(snapshot_, account.type);
    for (const auto& [key, amount] : sums) {
      if (amount <= 0) continue;
      const std::string refused = refusal(*own, defaults, key, amount, metrics_);
      if (refused.empty()) continue;
      return fail(Code::authorization, "{} [{}] {}", names_of(account.type).message, account.id,
                  refused);
    }
  }
  return ok();
}

void Draft::post_differences(const QuotaDifferences& differences) {
  for (const auto& [account, sums] : differences) {
    Quotas* quotas = edit_quotas(*this, account);
    if (!quotas) continue;
    for (const auto& [key, amount] : sums) {
      if (amount != 0) post(*quotas, key, amount, metrics_);
    }
  }
}

Status Draft::settle_quotas(QuotaTest test) {
  QuotaDifferences differences;
  for_each_kind([&]<class T>(std::type_identity<T>) {
    if constexpr (Billed<T>) add_differences<T>(differences);
  });
  if (test == QuotaTest::limits) NUBO_CHECK(test_differences(differences));
  post_differences(differences);
  return ok();
}

Status Draft::quotas_allow(const Bill& more) const {
  QuotaDifferences differences;
  add(differences, more, 1);
  return test_differences(differences);
}

void Draft::recount_quotas(const std::optional<QuotaAccount>& only) {
  const QuotaDifferences sums = count_all(snapshot_, metrics_, only);
  const auto recount = [&](ObjectType type, int id, const Quotas& before) {
    const QuotaAccount account{type, id};
    if (!is_charged(id) || (only && *only != account)) return;
    Quotas counted = without_usage(before, metrics_);
    if (const auto found = sums.find(account); found != sums.end()) {
      for (const auto& [key, amount] : found->second) post(counted, key, amount, metrics_);
    }
    drop_idle(counted);
    if (counted != before) *edit_quotas(*this, account) = std::move(counted);
  };
  const Snapshot state = snapshot_;
  state.pool<User>().for_each([&](const Entry<User>& entry) {
    recount(ObjectType::user, entry.object.id.value, entry.object.quotas);
  });
  state.pool<Group>().for_each([&](const Entry<Group>& entry) {
    recount(ObjectType::group, entry.object.id.value, entry.object.quotas);
  });
}

}  // namespace nubo
