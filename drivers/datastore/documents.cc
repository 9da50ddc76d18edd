// SPDX-License-Identifier: Apache-2.0
#include "datastore/documents.h"

#include <openssl/evp.h>

#include <array>
#include <filesystem>
#include <sstream>

#include "base/numbers.h"
#include "text/xml_reader.h"

namespace nubo::datastore {

namespace {

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

int number(const XmlNode& node, std::string_view name, int otherwise) {
  return parse_number<int>(node.get(name)).value_or(otherwise);
}

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> words;
  for (std::string word; in >> word;) words.push_back(std::move(word));
  return words;
}

std::string md5_of(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  ::EVP_Digest(text.data(), text.size(), digest.data(), &size, ::EVP_md5(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace

Result<ImageFacts> ImageFacts::parse(const std::string& document) {
  NUBO_TRY(const XmlDocument xml, XmlDocument::parse(document));
  const XmlNode image = xml.root();
  const XmlNode attributes = image.child("TEMPLATE");
  return ImageFacts{.id = number(image, "ID", -1),
                    .type = number(image, "TYPE", 0),
                    .registered = image.get("REGTIME"),
                    .path = image.get("PATH"),
                    .source = image.get("SOURCE"),
                    .format = lower_case(image.get("FORMAT")),
                    .file_system = lower_case(image.get("FS")),
                    .size_mb = image.get("SIZE"),
                    .md5 = lower_case(attributes.get("MD5")),
                    .sha1 = lower_case(attributes.get("SHA1"))};
}

std::string ImageFacts::file_name(std::string_view purpose) const {
  return md5_of(fmt::format("{}{}:{}", purpose, registered, id));
}

Result<DatastoreFacts> DatastoreFacts::parse(const std::string& document) {
  NUBO_TRY(const XmlDocument xml, XmlDocument::parse(document));
  const XmlNode datastore = xml.root();
  const XmlNode attributes = datastore.child("TEMPLATE");
  std::string base = std::filesystem::path(datastore.get("BASE_PATH")).lexically_normal();
  if (base.ends_with('/')) base.pop_back();
  return DatastoreFacts{.id = number(datastore, "ID", -1),
                        .type = number(datastore, "TYPE", 0),
                        .ds_mad = datastore.get("DS_MAD"),
                        .tm_mad = datastore.get("TM_MAD"),
                        .base_path = std::move(base),
                        .safe_dirs = words_of(attributes.get("SAFE_DIRS")),
                        .restricted_dirs = words_of(attributes.get("RESTRICTED_DIRS")),
                        .bridge_list = attributes.get("BRIDGE_LIST"),
                        .driver = lower_case(attributes.get("DRIVER")),
                        .bandwidth = attributes.get("LIMIT_TRANSFER_BW"),
                        .unpacks = !parse_yes_no(attributes.get("NO_DECOMPRESS")).value_or(false),
                        .converts = parse_yes_no(attributes.get("CONVERT")).value_or(true)};
}

}  // namespace nubo::datastore
