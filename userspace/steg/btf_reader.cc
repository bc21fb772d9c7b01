// SPDX-License-Identifier: GPL-2.0-only
#include "steg/btf_reader.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace race::steg {
namespace {

// What libbpf prints goes into the error, not to the user's terminal.
thread_local std::string libbpf_says;

int KeepMessage(libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG && !libbpf_says.empty()) return 0;
  char line[256];
  int length = vsnprintf(line, sizeof line, format, arguments);
  libbpf_says = line;
  while (!libbpf_says.empty() && libbpf_says.back() == '\n') libbpf_says.pop_back();
  return length;
}

struct BtfFree {
  void operator()(btf* object) const { btf__free(object); }
};
using BtfPointer = std::unique_ptr<btf, BtfFree>;

bool HasNode(const btf_type* type) {
  switch (btf_kind(type)) {
    case BTF_KIND_DATASEC:
    case BTF_KIND_DECL_TAG:
    case BTF_KIND_TYPE_TAG:
      return false;
    default:
      return true;
  }
}

steg_node_kind KindOfType(const btf_type* type) {
  switch (btf_kind(type)) {
    case BTF_KIND_INT:
      return STEG_INT;
    case BTF_KIND_FLOAT:
      return STEG_FLOAT;
    case BTF_KIND_PTR:
      return STEG_POINTER;
    case BTF_KIND_ARRAY:
      return STEG_ARRAY;
    case BTF_KIND_STRUCT:
      return STEG_STRUCT;
    case BTF_KIND_UNION:
      return STEG_UNION;
    case BTF_KIND_FWD:
      return btf_kflag(type) ? STEG_UNION : STEG_STRUCT;
    case BTF_KIND_ENUM:
    case BTF_KIND_ENUM64:
      return STEG_ENUM;
    case BTF_KIND_TYPEDEF:
      return STEG_TYPEDEF;
    case BTF_KIND_CONST:
      return STEG_CONST;
    case BTF_KIND_VOLATILE:
      return STEG_VOLATILE;
    case BTF_KIND_RESTRICT:
      return STEG_RESTRICT;
    case BTF_KIND_FUNC_PROTO:
      return STEG_PROTO;
    case BTF_KIND_FUNC:
      return STEG_FUNC;
    case BTF_KIND_VAR:
      return STEG_VAR;
    default:
      return STEG_VOID;
  }
}

class BtfSource final : public NodeSource {
 public:
  explicit BtfSource(BtfPointer object) : btf_(std::move(object)) {}
  // Split BTF, whose nodes follow `first_node` in the graph of its base.
  BtfSource(BtfPointer object, const BtfSource& base, uint32_t first_node)
      : btf_(std::move(object)), first_node_(first_node), node_of_(base.node_of_) {}

  // Checks every reference once, so that no later use has to, and numbers the
  // nodes.  On false, *why says what is wrong.
  bool Check(std::string* why) {
    uint32_t count = btf__type_cnt(btf_.get());
    const uint32_t first = node_of_.empty() ? 1 : node_of_.size();
    node_of_.resize(count);
    type_of_.reserve(count - first + 1);
    if (first == 1) type_of_.push_back(0);
    for (uint32_t id = first; id < count; id++) {
      const btf_type* type = Type(id);
      if (!CheckType(type, count)) {
        *why = "type " + std::to_string(id) + " of kind " + std::to_string(btf_kind(type)) +
               " refers to a name or type that does not exist";
        return false;
      }
      if (!HasNode(type)) continue;
      node_of_[id] = first_node_ + type_of_.size();
      type_of_.push_back(id);
    }
    // Tags stand for what they are attached to, which may come later.
    for (uint32_t id = first; id < count; id++)
      if (btf_kind(Type(id)) == BTF_KIND_TYPE_TAG) node_of_[id] = node_of_[SkipTags(id)];
    return true;
  }

  const btf* object() const { return btf_.get(); }
  // Split BTF: makes the nodes.
  void AddTo(Graph* graph) const {
    for (uint32_t id : type_of_) graph->Add(LoadType(Type(id)));
  }

  uint32_t Count() const override { return type_of_.size(); }
  steg_node_kind Kind(NodeId id) const override {
    return id == NodeId::kVoid ? STEG_VOID : KindOfType(TypeOf(id));
  }
  std::string_view Name(NodeId id) const override {
    return id == NodeId::kVoid ? std::string_view() : String(TypeOf(id)->name_off);
  }

  Node Load(NodeId id) const override {
    return id == NodeId::kVoid ? Node{} : LoadType(TypeOf(id));
  }

 private:
  Node LoadType(const btf_type* type) const {
    Node node;
    node.kind = KindOfType(type);
    node.name = String(type->name_off);
    switch (btf_kind(type)) {
      case BTF_KIND_INT:
        LoadInt(type, &node);
        break;
      case BTF_KIND_FLOAT:
        node.size = type->size;
        break;
      case BTF_KIND_PTR:
        node.size = 8;
        AddTarget(type->type, &node);
        break;
      case BTF_KIND_ARRAY:
        node.value = btf_array(type)->nelems;
        AddTarget(btf_array(type)->type, &node);
        break;
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        LoadMembers(type, &node);
        break;
      case BTF_KIND_FWD:
        node.flags = STEG_INCOMPLETE;
        break;
      case BTF_KIND_ENUM:
      case BTF_KIND_ENUM64:
        LoadEnumerators(type, &node);
        break;
      case BTF_KIND_FUNC_PROTO:
        LoadPrototype(type, &node);
        break;
      case BTF_KIND_FUNC:
        node.value = btf_vlen(type);
        AddTarget(type->type, &node);
        break;
      case BTF_KIND_VAR:
        node.value = btf_var(type)->linkage;
        AddTarget(type->type, &node);
        break;
      default:
        AddTarget(type->type, &node);
    }
    return node;
  }

  const btf_type* Type(uint32_t id) const { return btf__type_by_id(btf_.get(), id); }
  const btf_type* TypeOf(NodeId id) const { return Type(type_of_[Index(id)]); }
  std::string_view String(uint32_t offset) const {
    const char* string = btf__str_by_offset(btf_.get(), offset);
    return string ? string : "";
  }
  bool NameOk(uint32_t offset) const {
    return offset == 0 || btf__str_by_offset(btf_.get(), offset) != nullptr;
  }

  uint32_t SkipTags(uint32_t id) const {
    for (int depth = 0; depth < 64; depth++) {
      const btf_type* type = Type(id);
      if (btf_kind(type) != BTF_KIND_TYPE_TAG) return id;
      id = type->type;
    }
    return 0;
  }

  bool CheckType(const btf_type* type, uint32_t count) const {
    if (!NameOk(type->name_off)) return false;
    auto known = [&](uint32_t id) { return id < count; };
    uint32_t length = btf_vlen(type);
    switch (btf_kind(type)) {
      case BTF_KIND_STRUCT:
      case BTF_KIND_UNION:
        for (uint32_t i = 0; i < length; i++)
          if (!known(btf_members(type)[i].type) || !NameOk(btf_members(type)[i].name_off))
            return false;
        return true;
      case BTF_KIND_FUNC_PROTO:
        for (uint32_t i = 0; i < length; i++)
          if (!known(btf_params(type)[i].type) || !NameOk(btf_params(type)[i].name_off))
            return false;
        return known(type->type);
      case BTF_KIND_ENUM:
        for (uint32_t i = 0; i < length; i++)
          if (!NameOk(btf_enum(type)[i].name_off)) return false;
        return true;
      case BTF_KIND_ENUM64:
        for (uint32_t i = 0; i < length; i++)
          if (!NameOk(btf_enum64(type)[i].name_off)) return false;
        return true;
      case BTF_KIND_ARRAY:
        return known(btf_array(type)->type);
      case BTF_KIND_INT:
      case BTF_KIND_FLOAT:
      case BTF_KIND_FWD:
      case BTF_KIND_DATASEC:
        return true;
      default:
        return known(type->type);
    }
  }

  void AddTarget(uint32_t type, Node* node) const {
    node->edges.push_back(Edge{.kind = STEG_EDGE_TARGET, .name = {}, .target = Target(type)});
  }
  NodeId Target(uint32_t type) const { return NodeId{node_of_[type]}; }

  void LoadInt(const btf_type* type, Node* node) const {
    node->size = type->size;
    uint8_t encoding = btf_int_encoding(type);
    if (encoding & BTF_INT_SIGNED) node->flags |= STEG_INT_SIGNED;
    if (encoding & BTF_INT_CHAR) node->flags |= STEG_INT_CHAR;
    if (encoding & BTF_INT_BOOL) node->flags |= STEG_INT_BOOL;
    if (btf_int_bits(type) != type->size * 8) node->value = btf_int_bits(type);
  }

  void LoadMembers(const btf_type* type, Node* node) const {
    node->size = type->size;
    node->edges.reserve(btf_vlen(type));
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
      const btf_member& member = btf_members(type)[i];
      node->edges.push_back(Edge{.kind = STEG_EDGE_MEMBER,
                                 .name = std::string(String(member.name_off)),
                                 .target = Target(member.type),
                                 .bits = btf_member_bitfield_size(type, i),
                                 .value = btf_member_bit_offset(type, i)});
    }
  }

  // Whether negative values occur stands in the kind flag.
  void LoadEnumerators(const btf_type* type, Node* node) const {
    node->size = type->size;
    if (btf_kflag(type)) node->flags |= STEG_ENUM_SIGNED;
    node->edges.reserve(btf_vlen(type));
    for (uint32_t i = 0; i < btf_vlen(type); i++) {
      Edge edge{.kind = STEG_EDGE_ENUMERATOR, .name = {}};
      if (btf_kind(type) == BTF_KIND_ENUM) {
        const struct btf_enum& enumerator = ::btf_enum(type)[i];
        edge.name = String(enumerator.name_off);
        edge.value = btf_kflag(type) ? static_cast<int64_t>(enumerator.val)
                                     : static_cast<uint32_t>(enumerator.val);
      } else {
        const struct btf_enum64& enumerator = ::btf_enum64(type)[i];
        edge.name = String(enumerator.name_off);
        edge.value = uint64_t{enumerator.val_hi32} << 32 | enumerator.val_lo32;
      }
      node->edges.push_back(std::move(edge));
    }
  }

  void LoadPrototype(const btf_type* type, Node* node) const {
    uint32_t length = btf_vlen(type);
    const btf_param* params = btf_params(type);
    // A last parameter without name and type is the ellipsis.
    if (length > 0 && params[length - 1].type == 0 && params[length - 1].name_off == 0) {
      node->flags |= STEG_VARIADIC;
      length--;
    }
    node->edges.reserve(length + 1);
    node->edges.push_back(Edge{.kind = STEG_EDGE_RETURN, .name = {}, .target = Target(type->type)});
    for (uint32_t i = 0; i < length; i++)
      node->edges.push_back(Edge{.kind = STEG_EDGE_PARAM,
                                 .name = std::string(String(params[i].name_off)),
                                 .target = Target(params[i].type)});
  }

  BtfPointer btf_;
  uint32_t first_node_ = 0;
  std::vector<uint32_t> node_of_;  // BTF id -> node; of the base, too
  std::vector<uint32_t> type_of_;  // node, less first_node_ -> BTF id
};

// While it lasts, libbpf's messages are kept instead of printed.
class QuietLibbpf {
 public:
  QuietLibbpf() : before_(libbpf_set_print(KeepMessage)) { libbpf_says.clear(); }
  ~QuietLibbpf() { libbpf_set_print(before_); }
  QuietLibbpf(const QuietLibbpf&) = delete;
  QuietLibbpf& operator=(const QuietLibbpf&) = delete;

 private:
  libbpf_print_fn_t before_;
};

// libbpf reads split BTF from files only: before 1.4 it declares btf__new_split()
// and does not have it.  The file is one in memory.
btf* ParseSplit(std::string_view bytes, const btf* base) {
  int file = memfd_create("btf", MFD_CLOEXEC);
  if (file < 0) return nullptr;
  btf* object = nullptr;
  if (write(file, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) {
    std::string path = "/proc/self/fd/" + std::to_string(file);
    // libbpf looks names and types up in the base and does not change it.
    object = btf__parse_raw_split(path.c_str(), const_cast<btf*>(base));
  }
  int reason = errno;
  close(file);
  errno = reason;
  return object;
}

// `base` is nullptr for a kernel's own BTF.
Result<BtfPointer> Parse(std::string_view bytes, const btf* base) {
  if (bytes.size() > INT32_MAX) return Fail(Code::kBadBtf) << "BTF of more than 2 GB";
  QuietLibbpf quiet;
  BtfPointer object(base ? ParseSplit(bytes, base) : btf__new(bytes.data(), bytes.size()));
  int reason = errno;
  if (!object)
    return Fail(Code::kBadBtf) << "libbpf cannot read the BTF: "
                               << (libbpf_says.empty() ? strerror(reason) : libbpf_says);
  return object;
}

// Split BTF that refers to the kernel's types by what it says of them.
Result<BtfPointer> Relocate(std::string_view bytes, std::string_view distilled_base,
                            const btf* base) {
#if LIBBPF_MAJOR_VERSION > 1 || (LIBBPF_MAJOR_VERSION == 1 && LIBBPF_MINOR_VERSION >= 5)
  RACE_ASSIGN(own_base, Parse(distilled_base, nullptr));
  RACE_ASSIGN(object, Parse(bytes, own_base.get()));
  QuietLibbpf quiet;
  if (int error = btf__relocate(object.get(), base); error < 0)
    return Fail(Code::kBadBtf) << "the module's BTF does not fit this kernel's: "
                               << (libbpf_says.empty() ? strerror(-error) : libbpf_says);
  return object;
#else
  (void)bytes, (void)distilled_base, (void)base;
  return Fail(Code::kBadBtf)
         << "the module has a distilled base (.BTF.base), which only libbpf 1.5 "
         << "and newer can relocate; this program was built with " << libbpf_version_string();
#endif
}

std::string_view RawData(const btf* object) {
  uint32_t size = 0;
  const void* data = btf__raw_data(object, &size);
  return {static_cast<const char*>(data), data ? size : 0};
}

}  // namespace

std::string_view BtfBytes(const Graph& graph) {
  const auto* source = dynamic_cast<const BtfSource*>(graph.source());
  return source ? RawData(source->object()) : std::string_view();
}

Result<Graph> ReadBtf(std::string_view bytes) {
  RACE_ASSIGN(object, Parse(bytes, nullptr));
  auto source = std::make_shared<BtfSource>(std::move(object));
  std::string why;
  if (!source->Check(&why)) return Fail(Code::kBadBtf) << "malformed BTF: " << why;
  return Graph(std::move(source));
}

Result<SplitTypes> AddSplitBtf(std::string_view bytes, std::string_view distilled_base,
                               Graph* graph) {
  const auto* base = dynamic_cast<const BtfSource*>(graph->source());
  if (!base) return Fail(Code::kBadBtf) << "a module's BTF needs the kernel's BTF beneath it";
  auto object = distilled_base.empty() ? Parse(bytes, base->object())
                                       : Relocate(bytes, distilled_base, base->object());
  if (!object) return object.error();
  SplitTypes range{{NodeId{static_cast<uint32_t>(graph->size())}, NodeId::kVoid}, {}};
  BtfSource split(std::move(*object), *base, Index(range.first));
  std::string why;
  if (!split.Check(&why)) return Fail(Code::kBadBtf) << "malformed BTF: " << why;
  split.AddTo(graph);
  range.bytes = RawData(split.object());
  range.end = NodeId{static_cast<uint32_t>(graph->size())};
  return range;
}

}  // namespace race::steg
