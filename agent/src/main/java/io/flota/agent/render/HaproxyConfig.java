package io.flota.agent.render;

import com.google.common.base.CharMatcher;
import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// A configuration of HAProxy, as far as a running one can be changed to it.
///
/// @param rest all that takes a reload, line by line; the places of servers included
/// @param servers by `backend/server`, what a running HAProxy takes
record HaproxyConfig(ImmutableList<String> rest, ImmutableSortedMap<String, Server> servers) {
    /// @param address and port are literal ones
    /// @param weight empty: not given
    record Server(String address, String port, Optional<String> weight, boolean disabled) {}

    private static final CharMatcher BLANK = CharMatcher.anyOf(" \t\r");
    private static final Splitter WORDS = Splitter.on(BLANK).omitEmptyStrings();
    /// A line with one of these does not say what its words look like.
    private static final CharMatcher MEANINGFUL = CharMatcher.anyOf("\"'\\#$");
    private static final ImmutableSet<String> SECTIONS = ImmutableSet.of(
            "global", "defaults", "frontend", "backend", "listen", "peers", "resolvers", "userlist", "program", "mailers",
            "http-errors", "cache", "ring", "fcgi-app", "log-forward", "log-profile", "crt-store", "traces", "acme");
    /// As HAProxy's own rule for names has it; nothing else may get into a command.
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:-]+");
    private static final Pattern ADDRESS =
            Pattern.compile("(\\d{1,3}(?:\\.\\d{1,3}){3}|\\[[0-9A-Fa-f:]+]):(\\d{1,5})");
    private static final Pattern WEIGHT = Pattern.compile("\\d{1,3}");

    static HaproxyConfig parse(String text) {
        var rest = new ArrayList<String>();
        var servers = new TreeMap<String, Server>();
        Optional<String> backend = Optional.empty();
        for (var line : text.lines().toList()) {
            var trimmed = BLANK.trimFrom(line);
            if (trimmed.isEmpty() || trimmed.startsWith("#")) {
                continue;
            }
            var words = WORDS.splitToList(trimmed);
            if (SECTIONS.contains(words.getFirst())) {
                backend = backend(words);
            }
            boolean plain = MEANINGFUL.matchesNoneOf(trimmed);
            var name = plain ? backend.flatMap(in -> server(in, words)) : Optional.<String>empty();
            if (name.isPresent() && !servers.containsKey(name.get())) {
                var others = new ArrayList<String>();
                servers.put(name.get(), server(words, others));
                rest.add("server " + name.get() + " " + String.join(" ", others));
            } else {
                rest.add(plain ? String.join(" ", words) : trimmed);
            }
        }
        return new HaproxyConfig(ImmutableList.copyOf(rest), ImmutableSortedMap.copyOfSorted(servers));
    }

    private static Optional<String> backend(List<String> words) {
        boolean hasServers = words.getFirst().equals("backend") || words.getFirst().equals("listen");
        return hasServers && words.size() > 1 && NAME.matcher(words.get(1)).matches()
                ? Optional.of(words.get(1))
                : Optional.empty();
    }

    /// Of a line that defines a server whose address is one.
    private static Optional<String> server(String backend, List<String> words) {
        boolean is = words.size() >= 3 && words.getFirst().equals("server") && NAME.matcher(words.get(1)).matches()
                && ADDRESS.matcher(words.get(2)).matches();
        return is ? Optional.of(backend + "/" + words.get(1)) : Optional.empty();
    }

    /// @param others takes what a running HAProxy does not
    private static Server server(List<String> words, List<String> others) {
        var address = ADDRESS.matcher(words.get(2));
        boolean _ = address.matches();
        Optional<String> weight = Optional.empty();
        boolean disabled = false;
        for (int at = 3; at < words.size(); at++) {
            var word = words.get(at);
            boolean weighs = word.equals("weight") && at + 1 < words.size() && weight.isEmpty()
                    && WEIGHT.matcher(words.get(at + 1)).matches();
            if (weighs) {
                weight = Optional.of(words.get(++at));
            } else if (word.equals("disabled")) {
                disabled = true;
            } else {
                others.add(word);
            }
        }
        return new Server(CharMatcher.anyOf("[]").removeFrom(address.group(1)), address.group(2), weight, disabled);
    }
}
