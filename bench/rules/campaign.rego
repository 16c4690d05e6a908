# METADATA
# title: What can be said of one campaign file
# description: |
#   The policies of bench/make_plan.py as far as one file shows them; `each.rego` asks them of one file, `plan.rego` of all.
#   Says: the form (names, status, a few types), owner and cause (`owner`), hours of pushes with all their repeats (`hours`), text
#   messages only with consent (`consent`), nobody with an open complaint (`complaint`), and the cap over a campaign's own pushes.
#   Can not say: whether an audience *implies* consent or shuts a complaint out. It looks for the very words `sms_consent: true` and
#   `open_complaint: false`; a segment that says the same, or an `any` of which each side says it, is refused. Clocks are taken
#   as written, in the campaign's own zone (without days on which clocks change), only forms of time and of `repeat` that the bench
#   writes are read, and lines of the file are not known.
package campaign

import rego.v1

pushed := {"sms", "email", "phone", "mail", "app.push", "whatsapp", "wecom.message"}

known := {
	"campaign", "title", "owner", "status", "purpose", "act", "about", "cause", "audience", "timezone", "touches", "requires",
	"stop_when", "estimated_size", "details",
}

week := ((7 * 24) * 3600) * 1000000000

at_most := 30

# Minutes of the day between which a push may go out, by day of the week.
hours(day) := [540, 1200] if day in {"Saturday", "Sunday"}

else := [540, 1260]

steps(touch) := touch.repeat.step * week if touch.repeat.every == "week"

else := 0

# All sends of a touch, in nanoseconds of the campaign's own clock.
times(touch) := [instant |
	start := time.parse_ns("2006-01-02 15:04", touch.at)
	some n in numbers.range(0, object.get(touch, ["repeat", "count"], 1) - 1)
	instant := start + (n * steps(touch))
]

faults(campaign) := ((form(campaign) | owned(campaign)) | audience(campaign)) | (late(campaign) | often(campaign))

form(campaign) := (named(campaign) | stated(campaign)) | (unknown(campaign) | shapeless(campaign))

named(campaign) := {"campaign is no name" | not regex.match(`^[a-z0-9-]+$`, campaign.campaign)}

stated(campaign) := {"status is none of draft, planned, ended, cancelled" |
	not campaign.status in {"draft", "planned", "ended", "cancelled"}
}

unknown(campaign) := {sprintf("%s is not known", [key]) |
	some key in (object.keys(campaign) - known)
}

shapeless(campaign) := {sprintf("touch %d: no channel, or no time", [n]) |
	some n, touch in campaign.touches
	not whole(touch)
}

whole(touch) if {
	is_string(touch.channel)
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}$`, touch.at)
}

owned(campaign) := {sprintf("%s is missing", [field]) |
	some field in ["owner", "cause"]
	object.get(campaign, field, "") == ""
}

audience(campaign) := texted(campaign) | complaining(campaign)

texted(campaign) := {"a text message to people of whom consent is not known" |
	some touch in campaign.touches
	touch.channel == "sms"
	object.get(campaign.audience, "sms_consent", null) != true
}

complaining(campaign) := {"people with an open complaint are not shut out" |
	object.get(campaign.audience, "open_complaint", null) != false
}

late(campaign) := {sprintf("touch %d: outside the hours", [n]) |
	some n, touch in campaign.touches
	touch.channel in pushed
	some instant in times(touch)
	[hour, minute, _] := time.clock(instant)
	[first, last] := hours(time.weekday(instant))
	not within((hour * 60) + minute, first, last)
}

within(minute, first, last) if {
	minute >= first
	minute < last
}

often(campaign) := {"more pushes in 7 days than the cap" |
	instants := sort([instant |
		some touch in campaign.touches
		touch.channel in pushed
		some instant in times(touch)
	])
	some n, instant in instants
	instants[n + at_most] - instant < week
}
