import type { ModelOnWire } from "@rbee/contract";
import type { CatalogueModel } from "../domain/catalogue-model.ts";

export function modelToWire(model: CatalogueModel): ModelOnWire {
  return {
    id: model.id,
    provider: model.provider,
    reference: model.reference,
    variant: model.variant,
    digest: model.digest,
    local_path: model.localPath,
    size_bytes: model.sizeBytes,
    architecture: model.architecture,
    quantization: model.quantization,
    parameters: model.parameters,
    context_length: model.contextLength,
    vocabulary_size: model.vocabularySize,
    eos_token_id: model.eosTokenId,
    downloaded_at_unix: model.downloadedAtUnix,
    last_used_unix: model.lastUsedUnix,
    use_count: model.useCount,
  };
}
