package io.flota.agent.render;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import io.flota.unit.Endpoint;
import java.util.AbstractMap;
import java.util.Map;
import java.util.Set;

/// Endpoints by service. A service that nobody announces has none: that is no mistake of the template.
final class Services extends AbstractMap<String, ImmutableList<ImmutableMap<String, Object>>> {
    private final ImmutableSortedMap<String, ImmutableList<ImmutableMap<String, Object>>> known;

    Services(ImmutableListMultimap<String, Endpoint> endpoints) {
        var services = ImmutableSortedMap.<String, ImmutableList<ImmutableMap<String, Object>>>naturalOrder();
        endpoints.asMap().forEach((service, all) ->
                services.put(service, all.stream().map(Facts::of).collect(ImmutableList.toImmutableList())));
        known = services.buildOrThrow();
    }

    @Override
    public ImmutableList<ImmutableMap<String, Object>> get(Object service) {
        return service instanceof String name ? known.getOrDefault(name, ImmutableList.of()) : ImmutableList.of();
    }

    @Override
    public boolean containsKey(Object service) {
        return service instanceof String;
    }

    @Override
    public Set<Map.Entry<String, ImmutableList<ImmutableMap<String, Object>>>> entrySet() {
        return known.entrySet();
    }
}
