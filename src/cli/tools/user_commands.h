// SPDX-License-Identifier: Apache-2.0
// What oneuser does beyond one call: passwords, tokens, sessions.
#pragma once

#include "cli/run.h"

namespace nubo::cli {

Result<int> create_user(Run& run);
Result<int> change_password(Run& run);
Result<int> change_auth(Run& run);
Result<int> change_umask(Run& run);
Result<int> encode_session(Run& run);
Result<int> create_token(Run& run);
Result<int> delete_token(Run& run);
Result<int> delete_all_tokens(Run& run);

}  // namespace nubo::cli
