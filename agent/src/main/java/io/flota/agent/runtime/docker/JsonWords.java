package io.flota.agent.runtime.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.collect.ImmutableList;
import java.util.List;

/// A command as a list in JSON: `["sh", "-c", "sleep 1"]`.
final class JsonWords {
    private static final ObjectMapper JSON = new ObjectMapper();

    private JsonWords() {}

    /// @throws IllegalArgumentException whose message says what is wrong
    static ImmutableList<String> parse(String text) {
        try {
            var words = ImmutableList.copyOf(JSON.readValue(text, new TypeReference<List<String>>() {}));
            if (words.isEmpty()) {
                throw new IllegalArgumentException("the list is empty. Name a program");
            }
            return words;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not a list in JSON such as [\"sh\", \"-c\", \"sleep 1\"]", e);
        }
    }
}
