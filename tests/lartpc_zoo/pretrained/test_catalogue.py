import shutil

import pytest

import zoo_configs
from lartpc_zoo.errors import BadCard, NotARun, NoWeights
from lartpc_zoo.pretrained.catalogue import card, cards, check_trained, find_card

OWN = zoo_configs.directory("pretrained") / "resnet14b_wd4.card.yaml"


def test_a_card_is_found_by_its_name():
    found, beside = find_card("resnet14b_wd4")
    assert (found.name, found.network) == ("resnet14b_wd4", "resnet14b_wd4")
    assert beside is None
    assert card("resnet14b_wd4") == found


def test_the_weights_of_a_card_of_ones_own_may_be_beside_it(tmp_path):
    path = shutil.copy(OWN, tmp_path)
    found, beside = find_card(path)
    assert found == card("resnet14b_wd4")
    assert beside == tmp_path


def test_the_cards_that_match_a_glob_come_best_first():
    every = [card.accuracy for card in cards()]
    assert len(every) == len(list(OWN.parent.glob("*.card.yaml")))
    assert every == sorted(every, reverse=True)
    assert {card.name for card in cards("vgg*")} == {"vgg16b_wd4"}
    assert cards("VGG*") == []


def test_a_name_without_a_card_is_told_those_there_are():
    with pytest.raises(NoWeights, match=r"No pretrained network 'nonsense'.*vgg16b_wd4.*path of a NAME\.card\.yaml"):
        card("nonsense")
    with pytest.raises(NoWeights, match=r"'resnet14bb_wd4'.*Did you mean resnet14b_wd4"):
        card("resnet14bb_wd4")


def test_a_network_of_the_zoo_without_a_card_can_be_created_or_trained():
    with pytest.raises(NoWeights, match=r"'resnet50b_w4'.*The zoo has a network of this name: create_model gives"):
        card("resnet50b_w4")


@pytest.mark.parametrize("name", ["../recipes/paper", "/etc/passwd", ""])
def test_a_name_does_not_lead_out_of_the_package(name):
    with pytest.raises(NoWeights, match="No pretrained network"):
        card(name)


def test_a_path_without_a_card(tmp_path):
    with pytest.raises(NoWeights, match=r"my\.card\.yaml: no such card"):
        card(tmp_path / "my.card.yaml")


def test_a_card_is_called_like_its_file(tmp_path):
    path = shutil.copy(OWN, tmp_path / "other.card.yaml")
    with pytest.raises(BadCard, match=r"the file of this card is called resnet14b_wd4\.card\.yaml"):
        card(path)


def test_a_directory_or_a_card_may_be_of_a_trained_network(tmp_path):
    check_trained(tmp_path)
    check_trained("resnet14b_wd4")
    check_trained(shutil.copy(OWN, tmp_path))


def test_what_is_neither_a_directory_nor_a_card(tmp_path):
    missing = tmp_path / "run"
    with pytest.raises(NotARun, match=r"run: no such directory, so it is not that of a run\. No pretrained network"):
        check_trained(missing)
    with pytest.raises(NotARun, match=r"no such directory.*my\.card\.yaml: no such card"):
        check_trained(tmp_path / "my.card.yaml")
