// SPDX-License-Identifier: GPL-2.0-only
#include "build/build_command.h"

#include <llvm/IR/DebugInfo.h>
#include <llvm/IR/InstIterator.h>
#include <llvm/Object/ELFObjectFile.h>

#include <filesystem>
#include <functional>
#include <iostream>

#include "build/adapter.h"
#include "build/aligned_types.h"
#include "build/c_layouts.h"
#include "build/code_generation.h"
#include "build/config_facts.h"
#include "build/const_evaluation.h"
#include "build/contract_builder.h"
#include "build/driver.h"
#include "build/driver_fields.h"
#include "build/embedded_types.h"
#include "build/enumerator_variants.h"
#include "build/enumerators.h"
#include "build/foreign_items.h"
#include "build/forwarders.h"
#include "build/guarded_code.h"
#include "build/macro_constants.h"
#include "build/module_assembly.h"
#include "build/module_object.h"
#include "build/name_alignment.h"
#include "build/object_check.h"
#include "build/own_layouts.h"
#include "build/plain_folder.h"
#include "build/print_rewrite.h"
#include "build/prototype_check.h"
#include "build/questions.h"
#include "build/sdk.h"
#include "build/shape_check.h"
#include "build/solver.h"
#include "build/static_attributes.h"
#include "build/symbolise.h"
#include "build/used_types.h"
#include "build/variant_match.h"
#include "build/whole_copy.h"
#include "rcrate/race_section_writer.h"
#include "steg/binary.h"
#include "support/file.h"

namespace race::build {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> VariantNames(VariantUse use) {
  std::vector<std::string> names;
  for (const VariantPlan& plan : kVariants)
    if (plan.use == use) names.push_back(plan.name);
  return names;
}

// The first place that calls each C function, for messages about imports.
std::map<std::string, std::string> ImportSources(const llvm::Module& module) {
  std::map<std::string, std::string> sources;
  for (const llvm::Function& function : module)
    for (const llvm::Instruction& instruction : llvm::instructions(function))
      if (auto* call = llvm::dyn_cast<llvm::CallBase>(&instruction))
        if (const llvm::Function* callee = call->getCalledFunction();
            callee != nullptr && callee->isDeclaration())
          sources.emplace(callee->getName().str(), SourceOf(instruction));
  return sources;
}

// What is known wherever each import is referred to.
std::map<std::string, Answers> ImportAnswers(llvm::Module* module) {
  const GuardedCode guarded(*module);
  std::map<std::string, Answers> answers;
  for (const llvm::GlobalObject& object : module->global_objects())
    if (object.isDeclaration()) answers[object.getName().str()] = guarded.OfUses(object);
  return answers;
}

// The frame is made for the target; code and data may refer to it.
bool IsFrame(std::string_view symbol) { return symbol == "__this_module"; }

// Every symbol that the object leaves to the outside, but for layouts, shapes
// and the module's own frame, is an import.
Status AddImports(const std::string& linked, const std::map<std::string, std::string>& sources,
                  const std::map<std::string, std::string>& forwarders,
                  const std::map<std::string, Answers>& answers, ContractBuilder* contracts) {
  auto buffer = llvm::MemoryBuffer::getFile(linked);
  if (!buffer) return Fail(Code::kFileRead) << linked << ": " << buffer.getError().message();
  auto object = llvm::object::ObjectFile::createObjectFile((*buffer)->getMemBufferRef());
  if (!object)
    return Fail(Code::kBuildLink) << linked << ": " << llvm::toString(object.takeError());
  std::set<std::string> shapes;
  for (const rcrate::Shape& shape : contracts->rcrate().shapes) shapes.insert(shape.symbol);
  std::set<std::string> imports, defined;
  for (const llvm::object::SymbolRef& symbol : (*object)->symbols()) {
    auto flags = symbol.getFlags();
    auto name = symbol.getName();
    if (!flags || !name) return Fail(Code::kBuildLink) << linked << ": unreadable symbol table";
    if (name->empty()) continue;
    if ((*flags & llvm::object::SymbolRef::SF_Undefined) == 0) {
      defined.insert(name->str());
      continue;
    }
    if (name->starts_with(RACE_SYMBOL_PREFIX) || IsFrame(*name)) continue;
    if (shapes.count(name->str()) == 0) imports.insert(name->str());
  }
  // An ops table may hold the address of what no code refers to: of a C function,
  // or of the module, its owner.
  for (const rcrate::Shape& shape : contracts->rcrate().shapes)
    for (const rcrate::Piece& piece : shape.pieces)
      if (piece.kind == RACE_PIECE_ADDRESS && defined.count(piece.data) == 0 &&
          shapes.count(piece.data) == 0 && !IsFrame(piece.data))
        imports.insert(piece.data);
  for (const std::string& name : imports) {
    auto source = sources.find(name), forwarder = forwarders.find(name);
    auto known = answers.find(name);
    RACE_TRY(contracts->AddImport(name, forwarder == forwarders.end() ? "" : forwarder->second,
                                  source == sources.end() ? "" : source->second,
                                  known == answers.end() ? Answers{} : known->second));
  }
  return Ok{};
}

// Types that the driver may have of the crate uapi, with a place each: what its sources name, what
// its code holds, and what it asks the layout of.
std::map<std::string, std::string> UapiTypesUsed(const std::map<std::string, std::string>& named,
                                                 const std::set<std::string>& held,
                                                 const LayoutQueries& queries) {
  std::map<std::string, std::string> used = named;
  for (const std::string& name : held) used.emplace(name, "the code");
  for (const std::string& type : queries.types)
    for (const Mention& mention : MentionsOfBindings(type, "uapi")) {
      const auto place = queries.places.find(type);
      used.emplace(mention.name, place == queries.places.end() ? "the code" : place->second);
    }
  return used;
}

bool IsImport(const rcrate::Contract& contract) {
  return contract.kind == RACE_CONTRACT_FUNCTION || contract.kind == RACE_CONTRACT_VARIABLE;
}

// That the code passes to C functions what the base kernel's declarations take.
Status CheckImports(const CalledAs& calls, const std::map<std::string, std::string>& sources,
                    const ContractBuilder& contracts, const rcrate::Rcrate& rcrate) {
  for (const rcrate::Contract& contract : rcrate.contracts) {
    if (contract.kind != RACE_CONTRACT_FUNCTION || contract.is_former) continue;
    const auto called = calls.find(contract.root);
    const std::optional<steg::NodeId> declared = contracts.Declared(contract.root);
    if (called == calls.end() || !declared || contract.type == 0) continue;
    const steg::NodeId prototype = steg::SkipQualifiers(contracts.base(), *declared);
    for (const llvm::FunctionType* type : called->second)
      if (!MayCallAs(*type, contracts.base(), prototype)) {
        const auto source = sources.find(contract.root);
        return Fail(Code::kForeignItem)
               << (source == sources.end() ? "" : source->second + ": ") << contract.root
               << " is called with other parameters, or for another result, than the base kernel "
               << "declares it";
      }
  }
  return Ok{};
}

// The same of what the driver declares itself.  Notes say of what nobody can tell.
Status CheckForeignItems(const ForeignItems& foreign, const CalledAs& calls,
                         const std::string& folder, const std::string& root,
                         const ContractBuilder& contracts, const rcrate::Rcrate& rcrate,
                         std::vector<std::string>* notes) {
  std::set<std::string> imports;
  std::string wrong;
  for (const rcrate::Contract& contract : rcrate.contracts)
    if (IsImport(contract)) imports.insert(contract.root);
  for (const ForeignItem& item : foreign.items) {
    if (imports.count(item.symbol) == 0) continue;
    const std::string what =
        PlaceOf(item, folder, root) + ": the driver declares " + item.symbol + " itself, ";
    const std::optional<steg::NodeId> declared = contracts.Declared(item.symbol);
    if (!declared) {
      notes->push_back(what +
                       "and the base kernel's bindings do not have it: that it is so in C "
                       "is not checked");
      continue;
    }
    const std::string differ =
        Disagreement(item, foreign, contracts.bindings(), calls, contracts.base(), *declared);
    if (!differ.empty())
      wrong += what + "and not as C does: " + differ + "\n";
    else if (!item.is_function)
      notes->push_back(what + "a variable: targets do not describe the types of theirs");
  }
  if (!wrong.empty())
    return Fail(Code::kForeignItem)
           << wrong << "  use the kernel's bindings, or declare it as the kernel's header does";
  return Ok{};
}

// The module's functions whose addresses are in statics that the resolver lays out.
std::set<std::string> FunctionsInShapes(const llvm::Module& module, const rcrate::Rcrate& rcrate) {
  std::set<std::string> names;
  for (const rcrate::Shape& shape : rcrate.shapes)
    for (const rcrate::Piece& piece : shape.pieces) {
      if (piece.kind != RACE_PIECE_ADDRESS) continue;
      const llvm::Function* function = module.getFunction(piece.data);
      if (function != nullptr && !function->isDeclaration()) names.insert(piece.data);
    }
  return names;
}

// Tables whose entries assembly writes, and the kernel reads as an array of one C type each.
constexpr std::pair<const char*, const char*> kTables[] = {
    {"__bug_table", "bug_entry"},
    {"__jump_table", "jump_entry"},
    {"__ex_table", "exception_table_entry"},
    {".altinstructions", "alt_instr"},
    {".static_call_sites", "static_call_site"},
};

Status AddTables(const std::string& linked, ContractBuilder* contracts) {
  RACE_ASSIGN(sections, SectionsOf(linked));
  for (const auto& [section, type] : kTables)
    if (sections.count(section) != 0)
      contracts->AddExact(type, std::string("the object's ") + section + " holds it");
  return Ok{};
}

// Places of sources as people know them, not as this machine has them.
void ShortenSources(const Sdk& sdk, const PlainFolder& folder, rcrate::Rcrate* rcrate) {
  // The SDK may be named by a link; the compiler knew it by its own name.
  std::error_code ignored;
  const std::string real = fs::canonical(sdk.path, ignored).string();
  auto shorten = [&](std::string* source) {
    *source = folder.Restored(std::move(*source));
    for (const std::string& folder :
         {sdk.properties.at("kernel_tree"), sdk.path, real, sdk.properties.at("rust_library")})
      for (size_t at; (at = source->find(folder + "/")) != std::string::npos;)
        source->erase(at, folder.size() + 1);
  };
  for (rcrate::Contract& contract : rcrate->contracts) shorten(&contract.source);
  for (rcrate::Room& room : rcrate->rooms) shorten(&room.source);
}

// What `names` finds in these sources, and in the adapters'.
std::set<std::string> NamesIn(const std::set<std::string>& files,
                              const std::function<std::set<std::string>(std::string_view)>& names) {
  std::set<std::string> found;
  for (const std::string& file : files)
    if (Result<std::string> text = ReadFile(file)) found.merge(names(*text));
  for (const Adapter& adapter : Adapters()) found.merge(names(adapter.source));
  return found;
}

// `T { a, ..old }` copies field by field: of one that is left out there is no code, so the small
// variant must have all fields of these types.
std::set<std::string> TypesCopiedWhole(const llvm::Module& module, const Sdk& sdk,
                                       const std::string& crate) {
  std::set<std::string> types;
  for (const llvm::Function& function : module)
    if (std::any_of(llvm::inst_begin(function), llvm::inst_end(function), IsWholeCopy))
      types.merge(TypesHeldIn(function, sdk, crate));
  return types;
}

// Contracts of what the driver's code gets hold of without a symbol, and of what each adapter's
// does, which goes where the adapter does.
Status AddReached(const llvm::Module& module, const std::set<std::string>& named,
                  const LayoutQueries& queries, ContractBuilder* contracts) {
  const std::map<std::string, const Adapter*> only = ImportsOfAdapters(module);
  std::map<const Adapter*, std::set<std::string>> imports = {{nullptr, {}}};
  for (const llvm::Function& function : module) {
    if (!function.isDeclaration()) imports[AdapterOf(function)];
    const auto adapter = only.find(function.getName().str());
    if (function.isDeclaration() && !function.use_empty())
      imports[adapter == only.end() ? nullptr : adapter->second].insert(function.getName().str());
  }
  for (const auto& [scope, functions] : imports) {
    std::set<std::string> types = TypesReached(
        module, [&](const llvm::Function& function) { return AdapterOf(function) == scope; });
    if (scope == nullptr) {
      types.merge(queries.Kernel(queries.types));
      types.insert(named.begin(), named.end());
    }
    contracts->SetScope(scope);
    RACE_TRY(contracts->AddReached(types, functions));
  }
  contracts->SetScope(nullptr);
  return Ok{};
}

Result<Built> Build(const BuildOptions& options, const PlainFolder& folder, const std::string& work,
                    Metrics* metrics) {
  Built built;
  RACE_ASSIGN(sdk, OpenSdk(options.sdk));

  // The base kernel's own Kbuild says how the driver is compiled.
  std::optional<Phase> phase(std::in_place, metrics, "kbuild for the base kernel");
  RACE_ASSIGN(driver, RunKbuild(sdk, folder.path(), options.module, work));

  built.notes = driver.notes;

  // What its source decides from layouts while it is compiled.
  phase.emplace(metrics, "check constants");
  LayoutQueries queries;
  std::string sizes;
  RACE_ASSIGN(mir, ReadDriverMir(sdk, driver, "v0", &sizes));
  RACE_TRY(CheckDriverConstants(sdk, driver, mir, sizes, &queries));

  RACE_ASSIGN(foreign, ReadForeignItems(sdk, driver));

  // The same compile under kernels that do not exist.
  phase.emplace(metrics, "compile variants");
  std::vector<std::string> names = VariantNames(VariantUse::kSolve);
  for (const std::string& name : VariantNames(VariantUse::kHeldOut)) names.push_back(name);
  std::vector<std::string> shapes = VariantNames(VariantUse::kShape);
  const std::string small = kVariants[kSmallVariant].name;
  std::erase(shapes, small);
  shapes.push_back("true");
  std::vector<std::string> all = names;
  all.insert(all.end(), shapes.begin(), shapes.end());
  RACE_TRY(CompileVariants(sdk, driver, all, options.jobs));

  phase.emplace(metrics, "link variants");
  llvm::LLVMContext context;
  std::vector<std::unique_ptr<llvm::Module>> modules;
  std::vector<llvm::Module*> views;
  for (const std::string& name : names) {
    RACE_ASSIGN(module, LinkVariant(sdk, driver, name, context));
    if (!views.empty()) AlignNames(*views[0], module.get());
    modules.push_back(std::move(module));
    views.push_back(modules.back().get());
  }
  llvm::Module* module = views[0];

  // What differs between them is what depends on layouts.
  phase.emplace(metrics, "match");
  RACE_ASSIGN(match, MatchModules(views));
  std::set<std::string> whole = TypesCopiedWhole(*module, sdk, driver.crate);
  RACE_ASSIGN(fitted, FitSmallVariant(sdk, driver, whole, options.jobs));
  std::string not_small = fitted.reason;
  OwnLayouts own_layouts(views, fitted.sdk);
  Solver solver(fitted.sdk);
  std::map<std::string, std::string> sources = ImportSources(*module);
  const CalledAs calls = CallsOfImports(*module);
  std::set<std::string> used = UsedTypes(*module), at_hand = TypesAtHand(*module);
  const std::set<std::string> used_uapi = UsedTypes(*module, "uapi");
  RACE_ASSIGN(embedded, FindEmbeddedTypes(*module, sdk, driver.crate));
  const std::string own = fs::canonical(folder.path()).string();
  RACE_TRY(CheckCLayouts(*module, sdk, driver.crate, DeclaredReprC(SourceFilesBelow(own))));
  // Debug information spells the types between its brackets as they are defined, and MIR
  // as they are imported.
  std::set<std::string> own_plain;
  for (const std::string& type : embedded.own) own_plain.insert(MirPlainType(type));
  for (const auto& [type, plain] : queries.moving)
    if (embedded.own.count(type) == 0 && (plain.empty() || own_plain.count(plain) == 0))
      return Fail(Code::kShapeDiffers)
             << queries.places.at(type) << ": the driver asks for the layout of " << type
             << ", which holds kernel types and of which it has no value\n  let it have a value of "
             << "that type, or ask for the layout of one that it has (a struct in the place of a "
             << "closure)";
  solver.SetOwn(&own_layouts);
  const std::map<std::string, std::string> aligned = KernelTypesIn(*module, queries.AlignedOwn());
  solver.SetHeld(embedded.held, at_hand, used);
  solver.SetAsked(queries.Kernel(queries.types));
  for (const std::string& name : shapes) {
    RACE_ASSIGN(other, LinkVariant(sdk, driver, name, context));
    AlignNames(*module, other.get());
    RACE_TRY(CheckShape(*module, *other, match, &solver, name));
  }
  // What is the same program under layouts smaller than the base kernel's may go
  // to kernels that have such; what is not keeps to the base kernel's.
  while (not_small.empty()) {
    RACE_ASSIGN(other, LinkVariant(fitted.sdk, driver, small, context));
    AlignNames(*module, other.get());
    const llvm::Function* at = nullptr;
    Status same = CheckShape(*module, *other, match, &solver, small, &at);
    if (same) break;
    if (same.error().code != Code::kShapeDiffers) return same.error();
    not_small = WithoutAdvice(same.error().message);
    // Assembly outside of functions.
    if (at == nullptr) break;
    // A copy that is not known as one (TypesCopiedWhole()).
    const size_t before = whole.size();
    whole.merge(TypesHeldIn(*at, sdk, driver.crate));
    // What is in no variable has no type in the debug information.
    if (whole.size() == before) whole.insert(embedded.held.begin(), embedded.held.end());
    if (whole.size() == before) break;
    RACE_ASSIGN(again, FitSmallVariant(sdk, driver, whole, options.jobs));
    if (!again.reason.empty()) break;
    fitted = std::move(again);
    not_small.clear();
  }
  if (!not_small.empty())
    built.notes.push_back("no type may be smaller on a target than in the base kernel: " +
                          not_small);

  // And what differs where C's enumerators have other values.
  phase.emplace(metrics, "try enumerators");
  RACE_ASSIGN(contracts, ContractBuilder::Open(fitted.sdk, not_small.empty()));
  contracts.SetFunctions(FunctionNames(*module));
  std::set<std::string> files =
      SourceFiles(*module, {sdk.properties.at("kernel_tree") + "/rust", own});
  files.merge(SourceFilesBelow(own));
  const std::map<std::string, std::string> named = BindingsNamedIn(files, own);
  contracts.SetSourceWords(NamesIn(files, AllNames), NamesIn(files, MembersNamed));
  RACE_ASSIGN(enumerators, TryEnumerators(sdk, driver, mir, module, match, contracts.enumerators(),
                                          contracts.EnumeratorsOf(named), options.jobs));

  // Each such number becomes a symbol, proved on the variant held out.
  phase.emplace(metrics, "solve and replace");
  if (enumerators.kept.empty())
    contracts.SetEnumeratorsMove();
  else
    built.notes.push_back("C's enumerators must have the base kernel's values: " +
                          enumerators.kept);
  contracts.AddEnumerators(
      named, AnswersWhereNamed(files, own, SourceAnswers(*module, GuardedCode(*module))));
  RACE_ASSIGN(questions, FindQuestions(*module));
  std::map<std::string, std::string> answer_symbols;
  for (const auto& [question, source] : questions) {
    RACE_ASSIGN(asked, contracts.AddQuestion(question, source));
    answer_symbols[question] = asked.symbol;
    if (!asked.in_base)
      built.notes.push_back(source + ": " + asked.what + ": the base kernel's bindings do not " +
                            "have it (is the name right?)");
  }
  RACE_ASSIGN(configuration, ReadFile(sdk.Tree() + "/.config"));
  AddConfigFacts(SourceFiles(*module, {own}), configuration, &contracts);
  AddKernelConfigFacts(LinesOf(*module), sdk.properties.at("kernel_tree") + "/rust", configuration,
                       &contracts);
  std::map<std::string, std::string> constants_named = BindingsNamedIn(SourceFilesBelow(own), own);
  for (const auto& [name, place] : BindingsNamedIn(SourceFilesBelow(own), own, "uapi"))
    constants_named.emplace(name, place);
  RACE_TRY(AddMacroConstants(sdk, work, constants_named, LinesOf(*module),
                             sdk.properties.at("kernel_tree") + "/rust", configuration,
                             &contracts));
  RACE_TRY(CheckShapedStatics(match.statics));
  RACE_TRY(KeepForAssembly(module, match.statics));
  Symboliser symboliser(module, &solver, &own_layouts, &contracts);
  RACE_TRY(symboliser.ApplyEnumerators(enumerators.uses));
  RACE_TRY(symboliser.Apply(match));
  RACE_TRY(
      AddReached(*module, BindingsNamedByCode(files, own, LinesOf(*module)), queries, &contracts));
  RACE_TRY(contracts.AddAlignments(queries.AlignedInKernel(), aligned));
  for (const std::string& name : queries.Kernel(queries.types)) embedded.held.insert(name);
  for (const std::string& name : embedded.held) contracts.AddSizeRange(name, embedded.least[name]);
  for (const auto& [name, number] : solver.pinned()) {
    contracts.AddSizeRange(name, 0);
    contracts.AddSize(name, "the number " + number);
    built.notes.push_back(name + " must have the base kernel's size: nothing says what of the " +
                          "number " + number + " an own type rounds up");
  }
  const std::set<std::string> sources_of_driver = SourceFilesBelow(own);
  const std::map<std::string, std::string> uapi_named =
      BindingsNamedIn(sources_of_driver, own, "uapi");
  contracts.AddUapiEnumerators(uapi_named);
  RACE_TRY(contracts.AddUapi(UapiTypesUsed(uapi_named, used_uapi, queries), &built.notes));
  RACE_ASSIGN(printing, RewritePrinting(module));
  std::map<std::string, std::string> forwarders = ReplaceForwarders(module);

  // Only now may LLVM optimise: what it does not know it cannot bake in.
  phase.emplace(metrics, "link core and optimise");
  std::set<llvm::GlobalValue*> kept = symboliser.kept();
  kept.merge(StandIns(module));
  RACE_TRY(LinkRuntime(sdk, module, kept));
  llvm::StripDebugInfo(*module);
  const std::map<std::string, Answers> answers = ImportAnswers(module);
  ReplaceQuestions(module, answer_symbols);
  if (!options.save_symbolic.empty()) RACE_TRY(SaveBitcode(*module, options.save_symbolic));
  LayoutKnowledge layouts{
      [&] { return symboliser.FoldChains(); },
      [&](const llvm::Value* value) { return symboliser.Parse(value); },
  };
  RACE_TRY(Optimise(module, layouts));
  DropUnusedAdapters(module);
  RemoveUnused(module);

  phase.emplace(metrics, "generate code");
  std::string object = work + "/" + driver.module + ".symbolic.o";
  std::string linked = work + "/" + driver.module + ".linked.o";
  const bool tracks_branches = module->getModuleFlag("cf-protection-branch") != nullptr;
  if (tracks_branches)
    module->appendModuleInlineAsm(
        KeepBranchTargets(FunctionsInShapes(*module, contracts.rcrate())));
  RACE_TRY(EmitObject(module, layouts, object));
  RACE_TRY(FinishObject(sdk, driver, object, linked));
  RACE_TRY(CheckObject(linked, contracts.rcrate(), tracks_branches));

  phase.emplace(metrics, "write");
  RACE_TRY(AddImports(linked, sources, forwarders, answers, &contracts));
  RACE_TRY(CheckForeignItems(foreign, calls, own, own + "/" + driver.crate + ".rs", contracts,
                             contracts.rcrate(), &built.notes));
  RACE_TRY(CheckImports(calls, sources, contracts, contracts.rcrate()));
  RACE_TRY(AddTables(linked, &contracts));
  std::set<const Adapter*> adapters;
  for (llvm::GlobalValue* function : StandIns(module))
    adapters.insert(AdapterOf(*llvm::cast<llvm::Function>(function)));
  RACE_TRY(contracts.FinishAdapters(*module, adapters));
  AddManifest(sdk, driver, sdk.properties.at("release"), &contracts.rcrate());
  ShortenSources(sdk, folder, &contracts.rcrate());
  RACE_TRY(AddModuleInfo(linked, &contracts.rcrate()));
  RACE_ASSIGN(path, WriteRcrate(sdk, driver, contracts.rcrate(), contracts.graph(), linked,
                                options.output));
  phase.reset();

  metrics->Count("functions matched", match.functions);
  metrics->Count("instructions matched", match.instructions);
  metrics->Count("sites that depend on a layout", match.sites.size());
  metrics->Count("solutions proved on the held-out variants", solver.proved());
  metrics->Count("field symbols", symboliser.fields);
  metrics->Count("size symbols", symboliser.sizes);
  metrics->Count("compound expressions", symboliser.compound);
  metrics->Count("stack slots bounded", symboliser.slots);
  metrics->Count("shaped statics", symboliser.shapes);
  metrics->Count("numbers from enumerators", symboliser.enumerators);
  metrics->Count("questions of the source", questions.size());
  metrics->Count("printing calls rewritten", printing);
  metrics->Count("types frozen in the SDK", sdk.frozen.size());
  built.path = path;
  return built;
}

}  // namespace

Result<Built> BuildRcrate(const BuildOptions& options, Metrics* metrics) {
  std::error_code failed;
  fs::create_directories(options.output, failed);
  if (failed) return Fail(Code::kFileWrite) << options.output << ": " << failed.message();
  const WorkFolder work(options.output, options.keep);
  RACE_TRY(work.Made());
  RACE_ASSIGN(folder, PlainFolder::Of(options.folder, work.path()));
  Result<Built> built = Build(options, folder, work.path(), metrics);
  if (!built) return Fail(built.error().code) << folder.Restored(built.error().message);
  for (std::string& note : built->notes) note = folder.Restored(std::move(note));
  return built;
}

}  // namespace race::build
