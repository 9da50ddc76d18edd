// SPDX-License-Identifier: Apache-2.0
// What `onevm create --dry` prints for options, read back as the daemon would read it.
#include "cli/vm_options.h"

#include <gtest/gtest.h>

#include <sstream>

#include "cli/run.h"
#include "cli/shell.h"
#include "text/template.h"

namespace nubo::cli {
namespace {

Template made_by(std::vector<std::string> options) {
  std::ostringstream out, err;
  Shell shell{.out = out, .err = err, .terminal = {}};
  shell.variable = [](const std::string&) { return ""; };
  shell.piped_input = [] { return std::nullopt; };
  std::vector<std::string> words{"create", "--dry", "--cpu", "1", "--memory", "64"};
  words.insert(words.end(), options.begin(), options.end());
  EXPECT_EQ(run_tool(shell, *find_tool("onevm"), words), 0) << err.str();
  auto read = parse_template(out.str());
  EXPECT_TRUE(read) << read.error().message << "\n" << out.str();
  return read ? std::move(*read) : Template{};
}

TEST(VmOptions, DoubleQuotesInsideAValueStayPartOfIt) {
  const std::string value = R"(a "b" c)";
  EXPECT_EQ(made_by({"--name", value}).get("NAME"), value);
  EXPECT_EQ(made_by({"--arch", value}).vector("OS")->get("ARCH"), value);
  EXPECT_EQ(made_by({"--disk", "img:target=" + value}).vector("DISK")->get("TARGET"), value);
  EXPECT_EQ(made_by({"--vnc", "--vnc-password", value}).vector("GRAPHICS")->get("PASSWD"), value);
  EXPECT_EQ(made_by({"--init", value}).vector("CONTEXT")->get("INIT_SCRIPTS"), value);
}

TEST(VmOptions, FilesBecomeReferencesWithTheirNamesInQuotes) {
  EXPECT_EQ(made_by({"--files_ds", R"(a,b"c)"}).vector("CONTEXT")->get("FILES_DS"),
            R"($FILE[IMAGE="a"] $FILE[IMAGE="b\"c"])");
}

}  // namespace
}  // namespace nubo::cli
