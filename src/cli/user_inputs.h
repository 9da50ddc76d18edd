// SPDX-License-Identifier: Apache-2.0
// USER_INPUTS of templates: values that the one who instantiates gives, on the command line
// (--user-inputs) or at the terminal.
#pragma once

#include <string>

#include "cli/run.h"

namespace nubo::cli {

/// Template text NAME="value" for each input of the template's USER_INPUTS; "" without any.
Result<std::string> answer_user_inputs(Run& run, const XmlNode& contents);

}  // namespace nubo::cli
