# METADATA
# title: Rules for the whole plan
# description: |
#   `conftest test --combine --namespace plan --policy bench/rules campaigns`: all files as one input.
#   Says: what campaign.rego says of each file, and over all of them a cap of 30 pushes in any 7 days (`cap`), 30 posts a calendar
#   day (`posts`) and no gap of more than 90 days (`floor`) for each city and stage that campaigns name. Sends are sorted once by
#   city, stage and time, and each is looked at beside the thirtieth after it. (A partial rule for each group, the usual way to
#   write it, is copied at every insertion by OPA 1.22 and took four times as long at 10,000 campaigns.)
#   Can not say: which *customers* there are. City × stage is a list of groups written by hand in place of all audiences: what
#   somebody likes, has bought and when, and segments would multiply it; `any`, `not` and dates that go forward can not be listed
#   at all. So it errs both ways: it counts together what no one customer can get (`segment: new` and `segment: existing`), and misses
#   a customer whose stage changes within the 7 days, which customers.yaml allows. `floor` counts only campaigns whose words
#   name the group, and nothing before the first or after the last of them. No example customer is made. Instants are compared as the
#   clocks of one zone.
package plan

import rego.v1

deny contains sprintf("%s: %s", [file.path, message]) if {
	some file in input
	some message in data.campaign.faults(file.contents)
}

# cap
pushes := sort([[city, stage, instant] |
	some file in input
	some touch in file.contents.touches
	touch.channel in data.campaign.pushed
	city := file.contents.audience.city
	some stage in file.contents.audience.stage
	some instant in data.campaign.times(touch)
])

deny contains sprintf("%s, %s: more than %d pushes in 7 days from %d on", [city, stage, data.campaign.at_most, first]) if {
	some n, [city, stage, first] in pushes
	[city, stage, last] = pushes[n + data.campaign.at_most]
	last - first < data.campaign.week
}

# posts
posts := sort([[city, stage, substring(touch.at, 0, 10)] |
	some file in input
	some touch in file.contents.touches
	touch.channel == "wecom.moments"
	city := file.contents.audience.city
	some stage in file.contents.audience.stage
])

deny contains sprintf("%v: more than %d posts", [post, data.campaign.at_most]) if {
	some n, post in posts
	posts[n + data.campaign.at_most] == post
}

# floor: gaps between the touches of those who bought more than 30 days ago, in the one group that the floor is for
reaching := sort([instant |
	some file in input
	audience := file.contents.audience
	audience.city == "city-00"
	"buyer" in audience.stage
	audience.segment == "existing"
	some touch in file.contents.touches
	some instant in data.campaign.times(touch)
])

deny contains sprintf("nothing in the 90 days from %d on", [instant]) if {
	some n, instant in reaching
	reaching[n + 1] - instant > ((90 * 24) * 3600) * 1000000000
}
