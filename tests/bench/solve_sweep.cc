// SPDX-License-Identifier: GPL-2.0-only
//
// What the solver makes of own types: for all pairs and triples of common kernel types as
// members of a repr(C) type, and for samples of four and five, every place is worked out over
// the SDK's variants by C's rules, and the solver asked what it is.  It must say: these sizes.
//
//   solve_sweep SDK [--types N] [--samples N] [--seed N] [--lie]
//
// The types are in 15 groups; each program holds three of the groups, so that each triple is in
// one of 455 programs, whose types (12 of 60) the solver knows as held.  --lie: the values are
// wrong in one held-out variant; all must be refused.
//
// Exit status: 0 all are right, 1 some are wrong or refused (with --lie: some are not refused),
// 2 trouble.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <iostream>
#include <map>
#include <random>
#include <sstream>

#include "build/solver.h"

namespace race::build {
namespace {

constexpr size_t kGroups = 15;
constexpr int kShown = 8;  // examples of each outcome

const char kCommon[] =
    "mutex completion work_struct delayed_work timer_list hrtimer notifier_block miscdevice device "
    "file kref sockaddr_in6 cpuinfo_topology idr xarray percpu_ref scatterlist bio_vec kobject "
    "wait_queue_head wait_queue_entry rw_semaphore semaphore spinlock raw_spinlock seqcount kset "
    "file_operations device_driver attribute device_attribute bin_attribute callback_head kiocb "
    "lockref timespec64 i2c_client spi_device platform_device pci_dev net_device napi_struct "
    "resource irqaction tasklet_struct kthread_work kthread_worker cdev inode dentry path qstr "
    "iov_iter rb_root_cached rhashtable_params maple_tree percpu_counter swait_queue_head "
    "fwnode_handle dev_pm_ops class bus_type blk_mq_tag_set request bio xattr wakeup_source "
    "seq_file iattr kstat rusage cred task_struct mm_struct vm_area_struct page folio super_block "
    "sk_buff socket sock net dma_buf phy_device regmap_config gpio_chip iio_dev rtc_device";

struct Options {
  std::string sdk;
  size_t types = 60;
  size_t samples = 20;  // of four members, and as many of five, in each program
  uint64_t seed = 1;
  bool lie = false;
};

// In Rust code: a lock has more than its own there (kRaisedTypes).
int64_t AlignOf(const LayoutAtom& atom) {
  return static_cast<int64_t>(
      atom.raised_value != atom.true_value ? std::max<uint64_t>(8, atom.align) : atom.align);
}

int64_t Up(int64_t value, int64_t align) { return (value + align - 1) / align * align; }

struct Outcomes {
  uint64_t right = 0, wrong = 0, wrong_base = 0, refused = 0;
};

class Sweep {
 public:
  Sweep(const Sdk& sdk, const Options& options)
      : sdk_(sdk), options_(options), random_(options.seed) {
    for (VariantUse use : {VariantUse::kSolve, VariantUse::kHeldOut})
      for (size_t v = 0; v < kVariantCount; v++)
        if (kVariants[v].use == use) order_.push_back(v);
    std::map<std::string, size_t> sizes;
    for (size_t a = 0; a < sdk.atoms.size(); a++)
      if (sdk.atoms[a].field.empty()) sizes[sdk.atoms[a].aggregate] = a;
    std::istringstream words(kCommon);
    for (std::string word; words >> word && types_.size() < options.types;)
      if (auto found = sizes.find(word); found != sizes.end()) types_.push_back(found->second);
    for (const auto& [name, atom] : sizes)
      if (types_.size() < options.types &&
          std::find(types_.begin(), types_.end(), atom) == types_.end())
        types_.push_back(atom);
  }

  bool Run() {
    for (size_t a = 0; a < kGroups; a++)
      for (size_t b = a + 1; b < kGroups; b++)
        for (size_t c = b + 1; c < kGroups; c++) Program({a, b, c});
    bool good = !outcomes_.empty();
    for (const auto& [members, counts] : outcomes_) {
      const uint64_t all = counts.right + counts.wrong + counts.wrong_base + counts.refused;
      std::cout << members << " members: " << all << " places, " << counts.right << " right, "
                << counts.wrong << " wrong, " << counts.wrong_base
                << " right but for the base kernel's value, " << counts.refused << " refused\n";
      good = good && (options_.lie ? counts.refused == all : counts.right == all);
    }
    return good;
  }

 private:
  // Whether triples (and pairs) of these groups belong to this program and to no other: where
  // they are of less than three groups, the first program with these counts.
  static bool Owns(const std::array<size_t, 3>& program, std::vector<size_t> groups) {
    std::sort(groups.begin(), groups.end());
    groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
    for (size_t next = 0; groups.size() < 3; next++)
      if (std::find(groups.begin(), groups.end(), next) == groups.end()) groups.push_back(next);
    std::sort(groups.begin(), groups.end());
    return std::equal(program.begin(), program.end(), groups.begin());
  }

  void Program(const std::array<size_t, 3>& groups) {
    std::vector<size_t> members;  // indexes into types_
    std::set<std::string> held;
    for (size_t t = 0; t < types_.size(); t++) {
      if (std::find(groups.begin(), groups.end(), t % kGroups) == groups.end()) continue;
      members.push_back(t);
      held.insert(sdk_.atoms[types_[t]].aggregate);
    }
    Solver solver(sdk_);
    solver.SetHeld(held, held);
    for (size_t i = 0; i < members.size(); i++) {
      for (size_t j = i + 1; j < members.size(); j++) {
        if (Owns(groups, {members[i] % kGroups, members[j] % kGroups}))
          Own(&solver, {members[i], members[j]});
        for (size_t k = j + 1; k < members.size(); k++)
          if (Owns(groups, {members[i] % kGroups, members[j] % kGroups, members[k] % kGroups}))
            Own(&solver, {members[i], members[j], members[k]});
      }
    }
    for (size_t count : {4, 5})
      for (size_t i = 0; i < options_.samples; i++) {
        std::vector<size_t> some;
        while (some.size() < count) some.push_back(members[random_() % members.size()]);
        Own(&solver, some);
      }
  }

  // #[repr(C)] struct Own { head: u32, a: .., b: .., tail: u64 }
  void Own(Solver* solver, const std::vector<size_t>& members) {
    std::vector<std::vector<int64_t>> places(2);  // of tail, and the whole size
    std::vector<int64_t> base;
    for (size_t i = 0; i <= order_.size(); i++) {
      int64_t end = 4;
      for (size_t member : members) {
        const LayoutAtom& atom = sdk_.atoms[types_[member]];
        const uint64_t size = i < order_.size() ? atom.values[order_[i]] : atom.raised_value;
        end = Up(end, AlignOf(atom)) + static_cast<int64_t>(size);
        whole_align_ = std::max(whole_align_, AlignOf(atom));
      }
      const int64_t tail = Up(end, 8);
      if (i == order_.size()) {
        base = {tail, Up(tail + 8, whole_align_)};
        continue;
      }
      const bool lie = options_.lie && kVariants[order_[i]].use == VariantUse::kHeldOut;
      places[0].push_back(tail + (lie ? 8 : 0));
      places[1].push_back(Up(tail + 8, whole_align_) + (lie ? 8 : 0));
    }
    whole_align_ = 8;
    for (size_t p = 0; p < places.size(); p++)
      Judge(solver, members, places[p], base[p], p == 0 ? Use::kOffset : Use::kLength);
  }

  void Judge(Solver* solver, const std::vector<size_t>& members, const std::vector<int64_t>& values,
             int64_t base, Use use) {
    Outcomes& counts = outcomes_[members.size()];
    Result<Expression> solved = solver->Solve(values, use);
    if (!solved) {
      counts.refused++;
      if (!options_.lie) Show(members, "refused: " + solved.error().Text());
      return;
    }
    std::map<size_t, int64_t> right, found;
    for (size_t member : members) right[types_[member]]++;
    for (const AtomTerm& term : solved->terms) found[term.atom] += term.coefficient;
    if (found != right) {
      counts.wrong++;
      Show(members, "wrong: " + solver->Spell(*solved));
    } else if (solver->BaseValue(*solved) != base) {
      counts.wrong_base++;
      Show(members, "base kernel: " + std::to_string(solver->BaseValue(*solved)) + ", not " +
                        std::to_string(base) + ": " + solver->Spell(*solved));
    } else {
      counts.right++;
    }
  }

  void Show(const std::vector<size_t>& members, const std::string& what) {
    if (shown_[what.substr(0, what.find(':'))]++ >= kShown) return;
    std::string names;
    for (size_t member : members)
      names += (names.empty() ? "" : ", ") + sdk_.atoms[types_[member]].aggregate;
    std::cout << "  { u32, " << names << ", u64 }: " << what << "\n";
  }

  const Sdk& sdk_;
  const Options& options_;
  std::mt19937_64 random_;
  std::vector<size_t> order_;  // of the values that Solve() takes: indexes into kVariants
  std::vector<size_t> types_;  // atoms: sizes
  int64_t whole_align_ = 8;    // bytes
  std::map<size_t, Outcomes> outcomes_;
  std::map<std::string, int> shown_;
};

int Main(const Options& options) {
  Result<Sdk> sdk = OpenSdk(options.sdk);
  if (!sdk) {
    std::cerr << "solve_sweep: " << sdk.error().Text() << "\n";
    return 2;
  }
  const auto start = std::chrono::steady_clock::now();
  const bool good = Sweep(*sdk, options).Run();
  std::cout << std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() -
                                                                start)
                   .count()
            << " s\n";
  return good ? 0 : 1;
}

}  // namespace
}  // namespace race::build

int main(int argc, char** argv) {
  race::build::Options options;
  for (int i = 1; i < argc; i++) {
    const std::string word = argv[i];
    if (word == "--lie")
      options.lie = true;
    else if (i + 1 < argc && (word == "--types" || word == "--samples" || word == "--seed"))
      (word == "--types"     ? options.types
       : word == "--samples" ? options.samples
                             : options.seed) = std::strtoull(argv[++i], nullptr, 10);
    else if (options.sdk.empty() && word[0] != '-')
      options.sdk = word;
    else
      options.sdk.clear(), i = argc;
  }
  if (options.sdk.empty()) {
    std::cerr << "usage: solve_sweep SDK [--types N] [--samples N] [--seed N] [--lie]\n";
    return 2;
  }
  return race::build::Main(options);
}
