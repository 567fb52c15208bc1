package io.flota.daemon.fleet;

import static com.google.common.collect.ImmutableList.toImmutableList;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import io.flota.daemon.fleet.FleetSettings.Given;
import io.flota.daemon.fleet.Remark.Becomes;
import io.flota.daemon.fleet.Remark.Meaningless;
import io.flota.unit.NearestName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// fleet's settings in the words of Flota's. Pure.
///
/// @param remarks one or more for each that was given, in the order of the keys
/// @param problems each as `place: what`
public record FleetTranslation(ImmutableList<Remark> remarks, ImmutableList<String> problems) {
    /// What fleet called its part of etcd.
    private static final String FLEETS_PREFIX = "/_coreos.com/fleet/";
    private static final String OUR_PREFIX = "/flota/v1/";
    private static final String FLEETS_UNITS = "/run/fleet/units/";
    private static final String OLD_PORT = ":4001";
    /// Beyond an agent's TTL, and what a scheduler waits anyway.
    private static final Duration BEYOND_TTL = Duration.ofSeconds(2);
    private static final Duration USUAL_WAIT = Duration.ofSeconds(7);
    private static final CharMatcher LIST_MARKS = CharMatcher.anyOf("[]\"'").or(CharMatcher.whitespace());

    /// @param endpointsElsewhere whether Flota's own settings say where etcd is
    public static FleetTranslation of(FleetSettings settings, boolean endpointsElsewhere) {
        var remarks = ImmutableList.<Remark>builder();
        var problems = ImmutableList.<String>builder();
        settings.given().forEach((key, given) -> {
            try {
                remarks.addAll(remarks(key, given, settings, endpointsElsewhere));
            } catch (IllegalArgumentException e) {
                problems.add(given.place() + ": " + key + "=" + given.value() + " " + e.getMessage());
            }
        });
        return new FleetTranslation(remarks.build(), problems.build());
    }

    /// What an option becomes by them.
    public Optional<Becomes> option(String name) {
        return remarks.stream()
                .filter(Becomes.class::isInstance)
                .map(Becomes.class::cast)
                .filter(becomes -> becomes.option().equals(name))
                .findFirst();
    }

    private static List<Remark> remarks(String key, Given given, FleetSettings settings, boolean endpointsElsewhere) {
        var place = given.place();
        var value = given.value();
        if (!FleetSettings.KEYS.contains(key)) {
            var near = NearestName.of(key, FleetSettings.KEYS).map(name -> "; did you mean " + name + "?");
            return List.of(new Meaningless(key, place, "fleet had no such setting" + near.orElse("")));
        }
        if (value.isEmpty()) {
            return List.of(new Meaningless(key, place, "it is empty, so the default counts"));
        }
        return switch (key) {
            case "etcd_servers" -> List.of(servers(place, value, settings));
            case "etcd_cafile", "etcd_certfile", "etcd_keyfile" -> List.of(tls(key, given, settings, endpointsElsewhere));
            case "etcd_key_prefix" -> List.of(prefix(place, value));
            case "agent_ttl" -> lifetime(place, value);
            case "metadata" -> List.of(metadata(place, value));
            case "units_directory" -> List.of(unitsDirectory(place, value));
            default -> List.of(plain(key, given));
        };
    }

    /// Those with one meaning that no other setting has a say in.
    private static Remark plain(String key, Given given) {
        var value = given.value();
        return switch (key) {
            case "etcd_username" -> becomes(key, given, "etcd-user", value);
            case "etcd_password" -> becomes(key, given, "etcd-password", value);
            case "etcd_request_timeout" ->
                becomes(key, given, "etcd-request-timeout", text(GoValue.seconds(value)));
            case "public_ip" -> becomes(key, given, "public-ip", value);
            case "systemd_user" ->
                becomes(key, given, "systemd-bus", GoValue.truth(value) ? "user" : "system");
            case "disable_engine" -> becomes(key, given, "lead", Boolean.toString(!GoValue.truth(value)));
            case "token_limit" ->
                becomes(key, given, "fleet-token-limit", Integer.toString(GoValue.wholeNumber(value)));
            case "verbosity" ->
                becomes(key, given, "log-level", GoValue.wholeNumber(value) > 0 ? "debug" : "info");
            default -> meaningless(key, given);
        };
    }

    private static Remark meaningless(String key, Given given) {
        return new Meaningless(key, given.place(), switch (key) {
            case "engine_reconcile_interval" -> {
                var _ = GoValue.seconds(given.value());
                yield "the leader acts at once on whatever changes, and does not go by a clock";
            }
            case "disable_watches" -> {
                var _ = GoValue.truth(given.value());
                yield "an agent watches what is placed on its own machine and nothing else";
            }
            case "enable_grpc" -> {
                var _ = GoValue.truth(given.value());
                yield "nothing has to be kept away from etcd: states are told when they change";
            }
            case "verify_units", "authorized_keys_file" -> "fleet 1.0 did nothing with it, either";
            default -> throw new IllegalStateException("fleet's setting " + key + " is not translated");
        });
    }

    private static Remark becomes(String key, Given given, String option, String value) {
        return new Becomes(key, given.place(), option, value, "");
    }

    /// etcd 3 does not listen at the port of etcd 0.4, at which fleet looked as well.
    private static Remark servers(String place, String value, FleetSettings settings) {
        var all = servers(value);
        if (all.isEmpty()) {
            throw new IllegalArgumentException("names no etcd");
        }
        var living = all.stream().filter(url -> !isOld(url)).collect(toImmutableList());
        var notes = new ArrayList<String>();
        if (living.isEmpty()) {
            notes.add("4001 was the port of etcd 0.4; etcd 3 is there only if it was told so, else at 2379");
        } else if (living.size() < all.size()) {
            notes.add("without those at 4001, the port of etcd 0.4");
        }
        boolean unchecked = all.stream().anyMatch(url -> url.startsWith("https:"))
                && List.of("etcd_certfile", "etcd_keyfile").stream().noneMatch(key -> isGiven(key, settings));
        if (unchecked) {
            notes.add("the members' certificates are checked, which fleet did only with etcd_certfile and etcd_keyfile");
        }
        return new Becomes(
                "etcd_servers", place, "etcd-endpoints", String.join(",", living.isEmpty() ? all : living),
                String.join("; ", notes));
    }

    private static ImmutableList<String> servers(String value) {
        return Splitter.on(',').splitToStream(LIST_MARKS.removeFrom(value))
                .filter(url -> !url.isEmpty())
                .map(url -> url.endsWith("/") ? url.substring(0, url.length() - 1) : url)
                .collect(toImmutableList());
    }

    private static boolean isOld(String url) {
        return url.endsWith(OLD_PORT);
    }

    private static boolean isGiven(String key, FleetSettings settings) {
        return Optional.ofNullable(settings.given().get(key)).filter(given -> !given.value().isEmpty()).isPresent();
    }

    private static Remark tls(String key, Given given, FleetSettings settings, boolean endpointsElsewhere) {
        var servers = servers(Optional.ofNullable(settings.given().get("etcd_servers")).map(Given::value).orElse(""));
        if (!endpointsElsewhere && servers.stream().noneMatch(url -> url.startsWith("https:"))) {
            return new Meaningless(key, given.place(), "etcd_servers has no https:// URL");
        }
        return becomes(key, given, key.replace("etcd_", "etcd-").replace("file", "-file"), given.value());
    }

    /// fleet's own keys are of etcd's old API. Ours lie apart from them, those of two clusters apart from each other.
    private static Remark prefix(String place, String value) {
        var parts = Splitter.on('/').omitEmptyStrings().splitToStream(value).collect(Collectors.joining("/"));
        var prefix = "/" + parts + "/";
        boolean usual = prefix.equals(FLEETS_PREFIX) || parts.isEmpty();
        return new Becomes(
                "etcd_key_prefix", place, "key-prefix", usual ? OUR_PREFIX : "/" + parts + OUR_PREFIX,
                "what fleet left in etcd is not read: unitctl import-fleet takes units over");
    }

    private static List<Remark> lifetime(String place, String value) {
        var ttl = GoValue.duration(value);
        var wait = ttl.plus(BEYOND_TTL);
        var agents = new Becomes("agent_ttl", place, "ttl", text(ttl), "");
        return wait.compareTo(USUAL_WAIT) <= 0
                ? List.of(agents)
                : List.of(agents, new Becomes("agent_ttl", place, "exclusive-wait", text(wait), ""));
    }

    /// Blanks are trimmed, the last of several counts, and what has no `=` is passed over: as fleet did.
    private static Remark metadata(String place, String value) {
        var pairs = new TreeMap<String, String>();
        var passedOver = new ArrayList<String>();
        Splitter.on(',').split(value).forEach(pair -> {
            int equals = pair.indexOf('=');
            var key = CharMatcher.whitespace().trimFrom(pair.substring(0, Math.max(equals, 0)));
            if (key.isEmpty()) {
                passedOver.add("\"" + pair + "\"");
            } else {
                pairs.put(key, CharMatcher.whitespace().trimFrom(pair.substring(equals + 1)));
            }
        });
        if (pairs.isEmpty()) {
            return new Meaningless("metadata", place, "nothing in it is KEY=VALUE");
        }
        return new Becomes(
                "metadata", place, "metadata",
                pairs.entrySet().stream()
                        .map(pair -> pair.getKey() + "=" + pair.getValue())
                        .collect(Collectors.joining(",")),
                passedOver.isEmpty() ? "" : "without what is not KEY=VALUE: " + String.join(", ", passedOver));
    }

    /// Unit files lie in `units` in the state folder.
    private static Remark unitsDirectory(String place, String value) {
        var folder = value.endsWith("/") ? value : value + "/";
        if (folder.equals(FLEETS_UNITS)) {
            return new Meaningless(
                    "units_directory", place, "it was fleet's default, and Flota has its own: units in --state-dir");
        }
        var parent = folder.endsWith("/units/") && folder.length() > "/units/".length()
                ? folder.substring(0, folder.length() - "/units/".length())
                : folder.substring(0, folder.length() - 1);
        return new Becomes("units_directory", place, "state-dir", parent, "unit files lie in its folder units");
    }

    private static String text(Duration time) {
        return time.getNano() == 0 ? time.toSeconds() + "s" : time.toMillis() + "ms";
    }
}
