package io.flota.scheduler.fleet;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.flota.scheduler.fleet.Entities.UnitBody;
import java.io.IOException;
import java.util.Optional;

/// JSON as fleet, a Go program, reads it: fields in any case, unknown ones passed over, what follows the first value
/// ignored; and text is text, no number.
final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(MapperFeature.ACCEPT_CASE_INSENSITIVE_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .withCoercionConfig(LogicalType.Textual, text -> text
                    .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                    .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .build();

    private Json() {}

    static byte[] write(Object value) {
        try {
            return MAPPER.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("records and lists of text and numbers are JSON", e);
        }
    }

    static UnitBody unit(byte[] body) throws FleetException {
        try {
            var unit = Optional.ofNullable(MAPPER.readValue(body, UnitBody.class)).orElse(UnitBody.EMPTY);
            if (unit.options().stream().anyMatch(option -> option == null)) {
                throw FleetException.badRequest("unable to decode body: an option is null");
            }
            return unit;
        } catch (IOException e) {
            throw FleetException.badRequest("unable to decode body: " + problem(e));
        }
    }

    static JsonNode tree(byte[] body) throws FleetException {
        try {
            var tree = MAPPER.readTree(body);
            if (!tree.isMissingNode()) {
                return tree;
            }
        } catch (IOException e) {
            throw FleetException.badRequest("unable to decode body: " + problem(e));
        }
        throw FleetException.badRequest("unable to decode body: it is empty");
    }

    private static String problem(IOException e) {
        return switch (e) {
            case JsonMappingException wrong when !wrong.getPath().isEmpty() ->
                wrong.getPathReference().replaceAll("[\\w.$]*\\[\"(\\w+)\"]", "$1").replaceAll("->[\\w.$]+\\[", "[")
                        + " is not of the kind that it should be";
            case JsonMappingException _ -> "it is not what the resource is made of";
            case JsonProcessingException wrong -> wrong.getOriginalMessage();
            default -> e.toString();
        };
    }
}
