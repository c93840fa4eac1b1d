# Reading headers and starting the compiler cost more than most files do: sources are compiled BATCH
# at a time, as one translation unit that includes them. With BATCH=1 each file stands alone.
ifndef BATCH_REST
BATCH ?= 12
BATCH_REST := $(shell echo $$(($(BATCH) + 1)))

# batches(files): the batches, each named like its first file without suffix; $(name.members) are
# its files. None where BATCH is 1.
batches = $(if $(filter 1,$(BATCH)),,$(call batches_of,$(1)))
batches_of = $(if $(1),$(call new_batch,$(basename $(firstword $(1))),$(1)) $(call batches_of,$(wordlist $(BATCH_REST),999,$(1))))
new_batch = $(eval BATCHES += $(1))$(eval $(1).members := $(wordlist 1,$(BATCH),$(2)))$(1)
# The names of a batch's members, for people.
batch_names = $(notdir $(basename $($(1).members)))

$(B)/gen/%.batch.c $(B)/gen/%.batch.cc: $(B)/flags.batches
	@mkdir -p $(@D)
	@printf '#include "%s"\n' $(patsubst kernel/%,%,$(patsubst user/%,%,$($*.members))) > $@

$(B)/flags.batches: BATCH_FORCE
	@mkdir -p $(@D)
	@echo '$(foreach batch,$(BATCHES),$($(batch).members):)' | cmp -s - $@ || \
	    echo '$(foreach batch,$(BATCHES),$($(batch).members):)' > $@
.PHONY: BATCH_FORCE
endif
