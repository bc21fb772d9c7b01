// SPDX-License-Identifier: GPL-2.0-only
#include "module_image.h"

/* SHA256_Init() and the like: SHA256() brings all of OpenSSL into a static program. */
#define OPENSSL_API_COMPAT 0x10100000L
#include <err.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void* Allocate(size_t size) {
  void* memory = calloc(1, size ? size : 1);
  if (!memory) err(1, "no memory");
  return memory;
}

struct image ReadImage(const char* path) {
  FILE* file = fopen(path, "rb");
  struct image image;
  if (!file) err(1, "%s", path);
  fseek(file, 0, SEEK_END);
  image.size = (size_t)ftell(file);
  rewind(file);
  image.bytes = Allocate(image.size);
  if (fread(image.bytes, 1, image.size, file) != image.size) err(1, "%s", path);
  fclose(file);
  return image;
}

struct image CopyImage(const struct image* image) {
  struct image copy = {Allocate(image->size), image->size};
  memcpy(copy.bytes, image->bytes, image->size);
  return copy;
}

void FreeImage(struct image* image) {
  free(image->bytes);
  image->bytes = NULL;
}

static Elf64_Ehdr* Header(const struct image* image) { return (Elf64_Ehdr*)image->bytes; }

static Elf64_Shdr* Sections(const struct image* image) {
  return (Elf64_Shdr*)(image->bytes + Header(image)->e_shoff);
}

Elf64_Shdr* FindSection(const struct image* image, const char* name) {
  Elf64_Shdr* sections = Sections(image);
  const char* names = (const char*)image->bytes + sections[Header(image)->e_shstrndx].sh_offset;
  for (unsigned i = 1; i < Header(image)->e_shnum; i++)
    if (!strcmp(names + sections[i].sh_name, name)) return &sections[i];
  return NULL;
}

uint8_t* SectionBytes(const struct image* image, const char* name, size_t* size) {
  const Elf64_Shdr* section = FindSection(image, name);
  if (!section) errx(1, "the module has no section %s", name);
  if (size) *size = section->sh_size;
  return image->bytes + section->sh_offset;
}

unsigned FindSymbol(const struct image* image, const char* name) {
  size_t size;
  const Elf64_Sym* symbols = (const Elf64_Sym*)SectionBytes(image, ".symtab", &size);
  const char* names = (const char*)SectionBytes(image, ".strtab", NULL);
  for (unsigned i = 1; i < size / sizeof *symbols; i++)
    if (!strcmp(names + symbols[i].st_name, name)) return i;
  return 0;
}

/* Where ".modinfo" has "name=". */
static char* NameInfo(const struct image* image) {
  size_t size;
  char* info = (char*)SectionBytes(image, ".modinfo", &size);
  for (char* at = info; at < info + size; at += strlen(at) + 1)
    if (!strncmp(at, "name=", 5)) return at + 5;
  errx(1, "the module does not say its name");
}

void ModuleName(const struct image* image, char name[56]) {
  snprintf(name, 56, "%s", NameInfo(image));
}

void RenameModule(struct image* image, const char* name) {
  size_t size, length = strlen(name);
  char *info = NameInfo(image), *place;
  uint8_t* frame = SectionBytes(image, ".gnu.linkonce.this_module", &size);
  if (length != strlen(info)) errx(1, "%s is not as long as %s", name, info);
  place = memmem(frame, size, info, length + 1);
  if (!place) errx(1, "struct module does not hold the name");
  memcpy(place, name, length);
  memcpy(info, name, length);
}

struct contract ReadContract(const struct image* image) {
  size_t size;
  const uint8_t *section = SectionBytes(image, RACE_FACTS_SECTION, &size), *tables;
  const struct race_facts_header* header = (const void*)section;
  const struct race_fact* records;
  struct contract contract = {0};
  const struct race_facts_module* modules;
  char* strings;
  if (size < sizeof *header || header->size != size) errx(1, "not a whole contract section");
  tables = section + header->hdr_len;
  strings = Allocate(header->strings.count);
  memcpy(strings, tables + header->strings.offset, header->strings.count);
  contract.strings = strings;
  records = (const void*)(tables + header->facts.offset);
  for (uint32_t i = 0; i < header->facts.count; i++)
    AddFact(&contract,
            (struct fact){records[i].kind, records[i].bits, strings + records[i].root,
                          strings + records[i].path, strings + records[i].text, records[i].value,
                          records[i].module, strings + records[i].source});
  modules = (const void*)(tables + header->modules.offset);
  for (uint32_t i = 0; i < header->modules.count; i++)
    contract.modules[contract.nr_modules++] = strings + modules[i].name;
  contract.steg = tables + header->steg.offset;
  contract.steg_size = header->steg.count;
  return contract;
}

struct contract CopyContract(const struct contract* contract) {
  struct contract copy = *contract;
  copy.room = copy.nr_facts;
  copy.facts = Allocate(copy.nr_facts * sizeof *copy.facts);
  memcpy(copy.facts, contract->facts, copy.nr_facts * sizeof *copy.facts);
  copy.strings = NULL;
  return copy;
}

void AddFact(struct contract* contract, struct fact fact) {
  if (contract->nr_facts == contract->room) {
    contract->room = contract->room * 2 + 16;
    contract->facts = realloc(contract->facts, contract->room * sizeof fact);
    if (!contract->facts) err(1, "no memory");
  }
  if (!fact.root) fact.root = "";
  if (!fact.path) fact.path = "";
  if (!fact.text) fact.text = "";
  if (!fact.source) fact.source = "test.rs:1";
  contract->facts[contract->nr_facts++] = fact;
}

void FreeContract(struct contract* contract) {
  free(contract->facts);
  free(contract->strings);
}

static bool IsAboutFunction(const struct fact* fact) {
  return fact->kind == RACE_CONTRACT_FUNCTION || fact->kind == RACE_CONTRACT_VARIABLE;
}

static int Order(const void* a, const void* b) {
  const struct fact *first = a, *second = b;
  int order = strcmp(first->root, second->root);
  if (!order) order = IsAboutFunction(first) - IsAboutFunction(second);
  if (!order) order = first->kind - second->kind;
  if (!order) order = strcmp(first->path, second->path);
  if (!order) order = (first->value > second->value) - (first->value < second->value);
  if (!order) order = first->bits - second->bits;
  return order ? order : (int)first->module - (int)second->module;
}

/* A growing row of bytes. */
struct row {
  uint8_t* bytes;
  size_t size;
};

static size_t Append(struct row* row, const void* bytes, size_t size) {
  const size_t at = row->size;
  row->bytes = realloc(row->bytes, at + size + 1);
  if (!row->bytes) err(1, "no memory");
  if (size) memcpy(row->bytes + at, bytes, size);
  row->size += size;
  return at;
}

/* All strings of a section, in its order, each once. */
struct texts {
  const char** at;
  uint32_t* places; /* where they begin among the strings */
  size_t count;
};

static int OrderOfTexts(const void* a, const void* b) {
  return strcmp(*(const char* const*)a, *(const char* const*)b);
}

static struct texts ListTexts(const struct contract* contract) {
  struct texts texts = {
      Allocate((contract->nr_facts * 4 + contract->nr_modules + 1) * sizeof *texts.at), NULL, 0};
  size_t kept = 1;
  texts.at[texts.count++] = "";
  for (size_t i = 0; i < contract->nr_facts; i++) {
    const struct fact* fact = &contract->facts[i];
    texts.at[texts.count++] = fact->root;
    texts.at[texts.count++] = fact->path;
    texts.at[texts.count++] = fact->text;
    texts.at[texts.count++] = fact->source;
  }
  for (size_t i = 0; i < contract->nr_modules; i++) texts.at[texts.count++] = contract->modules[i];
  qsort(texts.at, texts.count, sizeof *texts.at, OrderOfTexts);
  for (size_t i = 1; i < texts.count; i++)
    if (strcmp(texts.at[i], texts.at[kept - 1])) texts.at[kept++] = texts.at[i];
  texts.count = kept;
  texts.places = Allocate(kept * sizeof *texts.places);
  return texts;
}

/* Where it is in the section: `texts` are all that there are, `places` where they begin. */
static uint32_t String(const struct texts* texts, const char* text) {
  const char** found = bsearch(&text, texts->at, texts->count, sizeof *texts->at, OrderOfTexts);
  if (!found) errx(1, "%s is not among the strings", text);
  return texts->places[found - texts->at];
}

/* By their names; facts name them by their places. */
static void SortModules(struct contract* contract) {
  const struct contract before = *contract;
  qsort(contract->modules, contract->nr_modules, sizeof *contract->modules, OrderOfTexts);
  for (size_t i = 0; i < contract->nr_facts; i++) {
    struct fact* fact = &contract->facts[i];
    for (uint32_t at = 0; fact->module && at < contract->nr_modules; at++)
      if (contract->modules[at] == before.modules[fact->module - 1]) {
        fact->module = at + 1;
        break;
      }
  }
}

/* What a test adds, the driver may say already; the format takes each fact once. */
static void DropRepeated(struct contract* contract) {
  size_t kept = 0;
  for (size_t i = 0; i < contract->nr_facts; i++)
    if (i == 0 || Order(&contract->facts[kept - 1], &contract->facts[i]))
      contract->facts[kept++] = contract->facts[i];
  contract->nr_facts = kept;
}

static struct race_table Place(struct row* out, const void* bytes, size_t size, size_t count) {
  static const uint8_t zeroes[8];
  Append(out, zeroes, (8 - out->size % 8) % 8);
  return (struct race_table){
      (uint32_t)(Append(out, bytes, size) - sizeof(struct race_facts_header)), (uint32_t)count};
}

struct image WriteSection(const struct contract* contract) {
  struct contract sorted = CopyContract(contract);
  struct row strings = {0}, records = {0}, modules = {0}, out = {0};
  struct texts texts;
  struct race_facts_header header = {.version = RACE_FACTS_VERSION, .hdr_len = sizeof header};
  struct image section;
  SortModules(&sorted);
  qsort(sorted.facts, sorted.nr_facts, sizeof *sorted.facts, Order);
  DropRepeated(&sorted);
  texts = ListTexts(&sorted);
  for (size_t i = 0; i < texts.count; i++)
    texts.places[i] = (uint32_t)Append(&strings, texts.at[i], strlen(texts.at[i]) + 1);
  for (size_t i = 0; i < sorted.nr_facts; i++) {
    const struct fact* fact = &sorted.facts[i];
    const struct race_fact record = {fact->kind,
                                     fact->bits,
                                     String(&texts, fact->root),
                                     String(&texts, fact->path),
                                     String(&texts, fact->text),
                                     fact->module,
                                     String(&texts, fact->source),
                                     fact->value};
    Append(&records, &record, sizeof record);
  }
  for (size_t i = 0; i < sorted.nr_modules; i++) {
    const struct race_facts_module module = {String(&texts, sorted.modules[i]),
                                             sorted.untyped ? 0 : RACE_MODULE_TYPED};
    Append(&modules, &module, sizeof module);
  }
  Append(&out, &header, sizeof header);
  header.facts = Place(&out, records.bytes, records.size, sorted.nr_facts);
  header.modules = Place(&out, modules.bytes, modules.size, sorted.nr_modules);
  header.strings = Place(&out, strings.bytes, strings.size, strings.size);
  header.steg = Place(&out, sorted.steg, sorted.steg_size, sorted.steg_size);
  header.size = (uint32_t)out.size;
  memcpy(header.magic, RACE_FACTS_MAGIC, sizeof header.magic);
  memcpy(out.bytes, &header, sizeof header);
  section = (struct image){out.bytes, out.size};
  Seal(&section);
  free(texts.at);
  free(texts.places);
  free(strings.bytes);
  free(records.bytes);
  free(modules.bytes);
  FreeContract(&sorted);
  return section;
}

void Seal(struct image* section) {
  const size_t hashed = offsetof(struct race_facts_header, version);
  SHA256_CTX hash;
  if (!SHA256_Init(&hash) ||
      !SHA256_Update(&hash, section->bytes + hashed, section->size - hashed) ||
      !SHA256_Final(section->bytes + offsetof(struct race_facts_header, digest), &hash))
    errx(1, "no SHA-256");
}

/* At the end of the file: nothing else has to move. */
struct image WithBytes(const struct image* module, const char* name, const void* bytes,
                       size_t size) {
  const size_t at = (module->size + 7) / 8 * 8;
  struct image copy = {Allocate(at + size), at + size};
  Elf64_Shdr* header;
  memcpy(copy.bytes, module->bytes, module->size);
  memcpy(copy.bytes + at, bytes, size);
  header = FindSection(&copy, name);
  if (!header) errx(1, "the module has no section %s", name);
  header->sh_offset = at;
  header->sh_size = size;
  return copy;
}

struct image WithSection(const struct image* module, const struct image* section) {
  struct image copy = WithBytes(module, RACE_FACTS_SECTION, section->bytes, section->size);
  struct race_anchor* anchor = (void*)SectionBytes(&copy, RACE_START_SECTION, NULL);
  anchor->size = (uint32_t)section->size;
  return copy;
}

struct image WithContract(const struct image* module, const struct contract* contract) {
  struct image section = WriteSection(contract), made = WithSection(module, &section);
  FreeImage(&section);
  return made;
}
