// SPDX-License-Identifier: GPL-2.0-only
#include "race/store_state.h"

#include <algorithm>

#include "store/digest.h"
#include "store/installed_drivers.h"
#include "store/sync.h"
#include "support/file.h"

namespace race {
namespace {

DriverState Verified(const store::Place& place, const std::string& name, const store::Entry& entry,
                     const std::string& kernel) {
  DriverState driver{name, entry.rcrate, "current", ""};
  auto say = [&driver](const char* state, std::string reason) {
    driver.state = state;
    driver.reason = std::move(reason);
    return driver;
  };
  if (auto why = store::WhyDamaged(place, name, entry)) return say("damaged", *why);
  auto installed = store::FindDriver(place.root, name);
  if (!installed) return say("stale", "its .rcrate is not installed");
  auto bytes = ReadFile(installed->path);
  if (!bytes) return say("stale", bytes.error().message);
  if (auto why = store::WhyStale(entry, {store::Sha256(*bytes), kernel})) return say("stale", *why);
  return driver;
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

bool StoreState::IsGood() const {
  return indexed && std::all_of(drivers.begin(), drivers.end(), [](const DriverState& driver) {
           return driver.state == "current" || driver.state == "refused";
         });
}

void StoreState::Print(std::ostream& out) const {
  for (const DriverState& driver : drivers)
    out << release << ": " << driver.name << ": " << driver.state
        << (driver.reason.empty() ? "" : ": ") << FirstLine(driver.reason) << '\n';
  if (!indexed)
    out << release << ": depmod has not run since: race cache sync --kernel " << release << '\n';
}

nlohmann::json StoreState::Json() const {
  nlohmann::json list = nlohmann::json::array();
  for (const DriverState& driver : drivers)
    list.push_back({{"name", driver.name},
                    {"rcrate", driver.rcrate},
                    {"state", driver.state},
                    {"reason", driver.reason}});
  return {{"kernel", release}, {"indexed", indexed}, {"drivers", list}};
}

Result<StoreState> ReadStoreState(const store::Place& place, bool verify) {
  RACE_ASSIGN(index, store::ReadIndex(place));
  StoreState state{place.release, index.indexed, {}};
  std::string kernel;
  if (verify) {
    RACE_ASSIGN(id, store::KernelOf(place));
    kernel = std::move(id);
  }
  for (const auto& [name, entry] : index.modules)
    state.drivers.push_back(verify ? Verified(place, name, entry, kernel)
                                   : DriverState{name, entry.rcrate, "kept", ""});
  for (const auto& [name, refusal] : index.refused)
    state.drivers.push_back({name, refusal.rcrate, "refused", refusal.error});
  if (verify) {
    for (const std::string& name : store::Strays(place, index))
      state.drivers.push_back({name, "", "stray", "the index has nothing of it"});
    for (const store::InstalledDriver& driver : store::InstalledDrivers(place.root))
      if (!index.modules.contains(driver.name) && !index.refused.contains(driver.name))
        state.drivers.push_back({driver.name, driver.path, "missing", "not resolved yet"});
  }
  return state;
}

}  // namespace race
