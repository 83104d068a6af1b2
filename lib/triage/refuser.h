/*
 * Who refused a mail: the provider's own servers, or others. The same words mean different
 * things: "spam detected" from a recipient's server is that server's own filter.
 *
 * It is the host that a report or the text names ("host mx.example.org[192.0.2.1] said:"),
 * judged by the setting provider.hosts; where that is not set, by our own address's domain.
 * The host that only reports is known by the setting alone: customers have servers too.
 */
#pragma once

#include "rules/settings.h"
#include "rules/signature.h"
#include "triage/segment.h"

/* REFUSED_BY_ANY when no host is named, or nothing tells whose it is. settings may be NULL. */
RefusedBy refuser_of(const Settings *settings, const Segment *segment);
