# METADATA
# title: Rules for each file
# description: |
#   `conftest test --policy bench/rules campaigns`: each file alone.
#   Says: what campaign.rego says.
#   Can not say: anything about two campaigns together: no cap over the plan (`cap`, `posts`), no floor (`floor`).
package main

import rego.v1

deny contains message if some message in data.campaign.faults(input)
